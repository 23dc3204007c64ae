use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::{PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::{
    certificates::{Certificate, Certificates},
    eventually,
    port::free_port,
    process::Process,
    program::{find, mail_folders, user},
};

/// A mail system of one's own: Dovecot, where anybody has a mailbox at `example.test`, and Postfix before it. Ended when dropped.
///
/// Nobody whose name begins with `no-` exists; mail to `bounces.test` is taken and sent back.
pub struct MailServer {
    dovecot: Process,
    postfix: Process,
    ports: Ports,
    ca: String,
    mail: PathBuf,
}

#[derive(Clone, Copy)]
struct Ports {
    imap: u16,
    imaps: u16,
    lmtp: u16,
    auth: u16,
    smtp: u16,
    smtps: u16,
}

const READY: Duration = Duration::from_secs(30);

impl MailServer {
    /// What everybody signs in with.
    pub const PASSWORD: &str = "mail-secret";

    /// Starts both, without any mail. Needs root: a mail system changes into several users.
    pub async fn start() -> Self {
        let (dovecot, postfix) = (Process::new("dovecot", "TERM"), Process::new("postfix", "TERM"));
        let authority = Certificates::new(dovecot.home(), "authority");
        let certificate = authority.issue(&["localhost", "127.0.0.1"]);
        let ca = fs::read_to_string(authority.ca_file()).expect("the authority's certificate");
        let mail = dovecot.home().join("mail");
        let ports = Ports {
            imap: free_port(),
            imaps: free_port(),
            lmtp: free_port(),
            auth: free_port(),
            smtp: free_port(),
            smtps: free_port(),
        };
        let mut server = Self { dovecot, postfix, ports, ca, mail };
        server.lay_out_dovecot(&certificate);
        server.lay_out_postfix(&certificate);
        let (imap, smtp) = tokio::join!(
            run_dovecot(&mut server.dovecot, ports),
            run_postfix(&mut server.postfix, ports.smtp)
        );
        assert!(imap, "dovecot does not start:\n{}", server.dovecot.log());
        assert!(smtp, "postfix does not start:\n{}", server.postfix.log());
        server
    }

    /// Where IMAP is spoken, with STARTTLS on offer.
    pub fn imap_port(&self) -> u16 {
        self.ports.imap
    }

    /// Where IMAP is spoken, encrypted from the start.
    pub fn imaps_port(&self) -> u16 {
        self.ports.imaps
    }

    /// Where SMTP is spoken, with STARTTLS on offer.
    pub fn smtp_port(&self) -> u16 {
        self.ports.smtp
    }

    /// Where SMTP is spoken, encrypted from the start.
    pub fn smtps_port(&self) -> u16 {
        self.ports.smtps
    }

    /// The certificate of the authority that signed the server's, for `localhost`.
    pub fn ca(&self) -> &str {
        &self.ca
    }

    /// Puts a mail into somebody's mailbox, byte for byte; it is there when this returns.
    pub async fn deliver(&self, to: &str, raw: &[u8]) {
        let stream = TcpStream::connect(("127.0.0.1", self.ports.lmtp)).await.expect("dovecot takes mail");
        let mut stream = BufReader::new(stream);
        expect(&mut stream, "220").await;
        say(&mut stream, b"LHLO test\r\n").await;
        expect(&mut stream, "250").await;
        say(&mut stream, b"MAIL FROM:<>\r\n").await;
        expect(&mut stream, "250").await;
        say(&mut stream, format!("RCPT TO:<{to}>\r\n").as_bytes()).await;
        expect(&mut stream, "250").await;
        say(&mut stream, b"DATA\r\n").await;
        expect(&mut stream, "354").await;
        say(&mut stream, &stuffed(raw)).await;
        say(&mut stream, b"\r\n.\r\n").await;
        expect(&mut stream, "250").await;
    }

    /// The mails in somebody's inbox as they lie there, the oldest first.
    pub fn mails(&self, who: &str) -> Vec<Vec<u8>> {
        let mut files: Vec<PathBuf> = ["cur", "new"]
            .iter()
            .flat_map(|folder| fs::read_dir(self.mail.join(who).join(folder)).into_iter().flatten().flatten())
            .map(|entry| entry.path())
            .collect();
        // names begin with the second and microsecond they were made in
        files.sort_by_key(|path| path.file_name().map(ToOwned::to_owned));
        files.iter().filter_map(|path| fs::read(path).ok()).collect()
    }

    /// Waits until somebody has so many mails.
    pub async fn wait_for_mails(&self, who: &str, count: usize) -> Vec<Vec<u8>> {
        let there = async || Some(self.mails(who)).filter(|mails| mails.len() >= count);
        eventually(&format!("{count} mails for {who}"), READY, there).await
    }

    /// Numbers somebody's mail anew, as a server does that was moved or mended: another UIDVALIDITY, and all numbers from 1.
    pub async fn renumber(&mut self, who: &str) {
        self.stop_imap().await;
        let folder = self.mail.join(who);
        for entry in fs::read_dir(&folder).expect("a mailbox").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("dovecot") {
                fs::remove_file(entry.path()).expect("an index that can be removed");
            }
        }
        // a new list takes the second it is made in, which may be that of the old one
        let list = folder.join("dovecot-uidlist");
        fs::write(&list, "3 V1234567890 N1 G0123456789abcdef0123456789abcdef\n")
            .expect("a mailbox that is writable");
        give(&list);
        self.start_imap().await;
    }

    /// Ends Dovecot; connections break.
    pub async fn stop_imap(&mut self) {
        let ended = self.dovecot.terminate(READY).await;
        assert!(ended.is_some(), "dovecot does not end:\n{}", self.dovecot.log());
    }

    /// Starts Dovecot again.
    pub async fn start_imap(&mut self) {
        let up = run_dovecot(&mut self.dovecot, self.ports).await;
        assert!(up, "dovecot does not start again:\n{}", self.dovecot.log());
    }

    fn lay_out_dovecot(&self, certificate: &Certificate) {
        let home = self.dovecot.home();
        open_up(home);
        fs::create_dir_all(&self.mail).expect("the server's folder is writable");
        give(&self.mail);
        let Ports { imap, imaps, lmtp, auth, .. } = self.ports;
        let (home, mail) = (home.display(), self.mail.display());
        let (cert, key) = (certificate.cert_file.display(), certificate.key_file.display());
        let password = Self::PASSWORD;
        let text = format!(
            "base_dir = {home}/run\nstate_dir = {home}/state\nlog_path = /dev/stderr\nprotocols = imap lmtp\n\
             listen = 127.0.0.1\nssl = yes\nssl_cert = <{cert}\nssl_key = <{key}\ndisable_plaintext_auth = no\n\
             auth_mechanisms = plain login\nauth_username_format = %Ln\nmail_location = maildir:{mail}/%n\n\
             first_valid_uid = 1\nrecipient_delimiter = +\n\
             passdb {{\n driver = static\n args = password={password}\n}}\n\
             userdb {{\n driver = static\n args = uid=mail gid=mail home={mail}/%n allow_all_users=yes\n}}\n\
             service imap-login {{\n inet_listener imap {{\n  port = {imap}\n }}\n inet_listener imaps {{\n  port = {imaps}\n  ssl = yes\n }}\n}}\n\
             service lmtp {{\n inet_listener lmtp {{\n  port = {lmtp}\n }}\n}}\n\
             service auth {{\n inet_listener {{\n  port = {auth}\n }}\n}}\n\
             namespace inbox {{\n inbox = yes\n separator = /\n mailbox Sent {{\n  auto = create\n  special_use = \\Sent\n }}\n}}\n"
        );
        fs::write(self.dovecot.home().join("dovecot.conf"), text).expect("the server's folder is writable");
    }

    fn lay_out_postfix(&self, certificate: &Certificate) {
        let home = self.postfix.home();
        open_up(home);
        let (postfix, group) = user("postfix").expect("there is no user `postfix`: run `make deps`");
        for folder in ["etc", "queue", "data"] {
            fs::create_dir_all(home.join(folder)).expect("the server's folder is writable");
        }
        chown(home.join("data"), Some(postfix), Some(group)).expect("root may give a folder away");
        let etc = home.join("etc");
        let Ports { lmtp, auth, smtp, smtps, .. } = self.ports;
        let folder = home.display();
        let (cert, key) = (certificate.cert_file.display(), certificate.key_file.display());
        let main = format!(
            "compatibility_level = 3.6\nqueue_directory = {folder}/queue\ndata_directory = {folder}/data\n\
             command_directory = /usr/sbin\ndaemon_directory = /usr/lib/postfix/sbin\nmail_owner = postfix\n\
             setgid_group = postdrop\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmyhostname = mail.example.test\n\
             mydestination =\nalias_maps =\nalias_database =\nlocal_recipient_maps =\nmynetworks =\n\
             virtual_mailbox_domains = example.test\nvirtual_mailbox_maps = regexp:{folder}/etc/mailboxes\n\
             virtual_transport = lmtp:inet:127.0.0.1:{lmtp}\nrelay_domains = bounces.test\n\
             transport_maps = regexp:{folder}/etc/transport\n\
             recipient_delimiter = +\nmessage_size_limit = 60000000\nmailbox_size_limit = 0\nvirtual_mailbox_limit = 0\n\
             smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination\nsmtpd_sasl_auth_enable = yes\n\
             smtpd_sasl_type = dovecot\nsmtpd_sasl_path = inet:127.0.0.1:{auth}\nsmtpd_tls_security_level = may\n\
             smtpd_tls_cert_file = {cert}\nsmtpd_tls_key_file = {key}\nsmtpd_peername_lookup = no\n\
             smtpd_client_connection_rate_limit = 0\nsmtpd_client_connection_count_limit = 0\n\
             maillog_file = /dev/stdout\nsmtputf8_enable = yes\n"
        );
        let doors = format!(
            "127.0.0.1:{smtp} inet n - n - - smtpd\n127.0.0.1:{smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes\n"
        );
        let rest = "pickup unix n - n 60 1 pickup\ncleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\n\
                    tlsmgr unix - - n 1000? 1 tlsmgr\nrewrite unix - - n - - trivial-rewrite\nbounce unix - - n - 0 bounce\n\
                    defer unix - - n - 0 bounce\ntrace unix - - n - 0 bounce\nverify unix - - n - 1 verify\n\
                    flush unix n - n 1000? 0 flush\nproxymap unix - - n - - proxymap\nproxywrite unix - - n - 1 proxymap\n\
                    smtp unix - - n - - smtp\nrelay unix - - n - - smtp\nerror unix - - n - - error\nretry unix - - n - - error\n\
                    discard unix - - n - - discard\nlmtp unix - - n - - lmtp\nanvil unix - - n - 1 anvil\n\
                    scache unix - - n - 1 scache\npostlog unix-dgram n - n - 1 postlogd\nshowq unix n - n - - showq\n\
                    fails unix - n n - - pipe user=nobody argv=/bin/sh -c {exit 67}\n";
        let mailboxes = "!/^no-/ ok\n".to_owned();
        // taken, and sent back as to somebody unknown (EX_NOUSER)
        let transport = "/@bounces\\.test$/ fails:\n".to_owned();
        let files = [
            ("main.cf", main),
            ("master.cf", doors + rest),
            ("mailboxes", mailboxes),
            ("transport", transport),
        ];
        for (name, text) in files {
            fs::write(etc.join(name), text).expect("the server's folder is writable");
        }
    }
}

async fn run_dovecot(process: &mut Process, ports: Ports) -> bool {
    let mut command = Command::new(find("dovecot", mail_folders));
    command.arg("-F").arg("-c").arg(process.home().join("dovecot.conf"));
    let greets =
        async |port: u16, with: &str| greeting(port).await.is_some_and(|line| line.starts_with(with));
    process
        .start(command, async |_| greets(ports.imap, "* OK").await && greets(ports.lmtp, "220").await)
        .await
}

async fn run_postfix(process: &mut Process, port: u16) -> bool {
    let etc = process.home().join("etc");
    // makes the folders of the queue
    let checked = Command::new(find("postfix", mail_folders)).arg("-c").arg(&etc).arg("check").output();
    assert!(checked.is_ok_and(|done| done.status.success()), "postfix does not like its configuration");
    // not by `postfix start-fg`, which would stand between us and the process to be ended; `-d`, since our processes lead
    // their groups, and nobody who does can begin a session
    let mut command = Command::new(find("master", mail_folders));
    command.arg("-d").env("MAIL_CONFIG", etc);
    process.start(command, async |_| greeting(port).await.is_some_and(|line| line.starts_with("220"))).await
}

async fn greeting(port: u16) -> Option<String> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    BufReader::new(stream).lines().next_line().await.ok()?
}

async fn say(stream: &mut BufReader<TcpStream>, bytes: &[u8]) {
    stream.write_all(bytes).await.expect("a mail server that listens");
}

async fn expect(stream: &mut BufReader<TcpStream>, code: &str) {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.expect("a mail server that answers");
        assert!(line.starts_with(code), "{code} expected, but: {line}");
        if line.as_bytes().get(3) != Some(&b'-') {
            return;
        }
    }
}

/// Lines end in CRLF, and none that is a dot alone ends the mail before its time.
fn stuffed(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + 64);
    for line in raw.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// The servers' own users have to get in.
fn open_up(folder: &Path) {
    fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("a folder of our own");
}

fn give(path: &Path) {
    let (mail, group) = user("mail").expect("there is a user `mail`");
    let given: io::Result<()> = chown(path, Some(mail), Some(group));
    given.expect("a mail system runs as root only");
}
