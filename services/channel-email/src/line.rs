//! A connection to a mail server, encrypted as its account says.

use std::{
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use lettre::transport::smtp::client::AsyncTokioStream;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use weft_channel::{Dial, SendError, Transport};

use crate::account::{Account, Tls};

const PATIENCE: Duration = Duration::from_secs(10);
/// A server that says more before it encrypts is none.
const LONGEST_ANSWER: usize = 16 * 1024;

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Reading mail.
    Imap,
    /// Sending mail.
    Smtp,
}

/// A connection whose server greets first.
pub(crate) struct Line {
    /// What the server would say again if it had not said it before it encrypted.
    greeting: io::Cursor<&'static [u8]>,
    wire: Wire,
}

enum Wire {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

/// The authorities that this machine trusts.
pub(crate) fn system_roots() -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (known, broken) = roots.add_parsable_certificates(found.certs);
    tracing::debug!(known, broken, "certificates of authorities");
    Arc::new(roots)
}

/// Connects, and encrypts before anything is said that matters.
pub(crate) async fn open(
    account: &Account,
    protocol: Protocol,
    roots: &Arc<RootCertStore>,
    transport: &dyn Transport,
) -> Result<Line, SendError> {
    let (host, port, tls) = match protocol {
        Protocol::Imap => (&account.imap_host, account.imap_port, account.imap_tls),
        Protocol::Smtp => (&account.smtp_host, account.smtp_port, account.smtp_tls),
    };
    let dial = Dial { host: host.clone(), port, ports: protocol.ports(), endpoint_class: protocol.word() };
    let plain = transport.dial(dial).await?;
    let config = || config(account, roots);
    let open = async {
        match tls {
            Tls::None => Ok(Line { greeting: io::Cursor::new(b""), wire: Wire::Plain(plain) }),
            Tls::Implicit => encrypt(plain, host, config()?, b"").await,
            Tls::Starttls => {
                let ready = agree(plain, protocol).await?;
                encrypt(ready, host, config()?, protocol.greeting()).await
            }
        }
    };
    let opened = timeout(PATIENCE, open).await;
    opened.unwrap_or_else(|_| {
        Err(SendError::unreachable(format!("{} does not answer in time", protocol.server())))
    })
}

impl Protocol {
    fn ports(self) -> &'static [u16] {
        match self {
            Self::Imap => &[143, 993],
            Self::Smtp => &[25, 465, 587, 2525],
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Imap => "imap",
            Self::Smtp => "smtp",
        }
    }

    /// What people call it.
    pub(crate) fn server(self) -> &'static str {
        match self {
            Self::Imap => "the IMAP server",
            Self::Smtp => "the SMTP server",
        }
    }

    fn greeting(self) -> &'static [u8] {
        match self {
            Self::Imap => b"* OK encrypted\r\n",
            Self::Smtp => b"220 encrypted\r\n",
        }
    }
}

fn config(account: &Account, roots: &Arc<RootCertStore>) -> Result<Arc<ClientConfig>, SendError> {
    let own = if account.ca_certificate.trim().is_empty() { None } else { Some(own_roots(account)?) };
    let roots = own.map_or_else(|| Arc::clone(roots), Arc::new);
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| SendError::unreachable("this server cannot encrypt"))?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

fn own_roots(account: &Account) -> Result<RootCertStore, SendError> {
    let unreadable =
        || SendError::account_invalid("the certificate of the mail server's authority cannot be read");
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(account.ca_certificate.as_bytes()) {
        roots.add(certificate.map_err(|_| unreadable())?).map_err(|_| unreadable())?;
    }
    if roots.is_empty() { Err(unreadable()) } else { Ok(roots) }
}

async fn encrypt(
    plain: TcpStream,
    host: &str,
    config: Arc<ClientConfig>,
    greeting: &'static [u8],
) -> Result<Line, SendError> {
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(bare)
        .map_err(|_| SendError::account_invalid("the mail server's name cannot be one"))?;
    let connected = TlsConnector::from(config).connect(name, plain).await;
    let encrypted = connected.map_err(|error| distrust(&error))?;
    Ok(Line { greeting: io::Cursor::new(greeting), wire: Wire::Encrypted(Box::new(encrypted)) })
}

fn distrust(error: &io::Error) -> SendError {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        Some(rustls::Error::InvalidCertificate(_)) => SendError::account_invalid(
            "the mail server's certificate is not trusted: it is of another name, out of date, or of an unknown authority",
        ),
        Some(_) => SendError::account_invalid(
            "the mail server does not encrypt as expected: compare port and kind of encryption with what it says",
        ),
        None => SendError::unreachable("the connection broke while encrypting"),
    }
}

/// Asks the server to encrypt from now on. Whatever it says in clear besides is not read, so that nobody can slip words in.
async fn agree(mut plain: TcpStream, protocol: Protocol) -> Result<TcpStream, SendError> {
    let cannot = || SendError::account_invalid(format!("{} does not offer STARTTLS", protocol.server()));
    match protocol {
        Protocol::Imap => {
            answer(&mut plain, |line| line.starts_with('*')).await?;
            say(&mut plain, "weft STARTTLS\r\n").await?;
            let said = answer(&mut plain, |line| line.starts_with("weft ")).await?;
            let agreed = said.lines().last().is_some_and(|line| line.starts_with("weft OK"));
            if agreed { Ok(plain) } else { Err(cannot()) }
        }
        Protocol::Smtp => {
            answer(&mut plain, is_last_reply).await?;
            say(&mut plain, "EHLO localhost\r\n").await?;
            let offered = answer(&mut plain, is_last_reply).await?;
            if !offered.to_uppercase().contains("STARTTLS") {
                return Err(cannot());
            }
            say(&mut plain, "STARTTLS\r\n").await?;
            let said = answer(&mut plain, is_last_reply).await?;
            if said.starts_with("220") { Ok(plain) } else { Err(cannot()) }
        }
    }
}

/// `250-` goes on, `250 ` ends.
fn is_last_reply(line: &str) -> bool {
    line.as_bytes().get(3).is_none_or(|byte| *byte != b'-')
}

async fn say(plain: &mut TcpStream, words: &str) -> Result<(), SendError> {
    plain.write_all(words.as_bytes()).await.map_err(|_| broken())
}

/// Reads up to the end of the line that ends an answer, and not a byte more.
async fn answer(plain: &mut TcpStream, ends: impl Fn(&str) -> bool) -> Result<String, SendError> {
    let mut said = String::new();
    let mut line = String::new();
    while said.len() + line.len() < LONGEST_ANSWER {
        let byte = plain.read_u8().await.map_err(|_| broken())?;
        line.push(char::from(byte));
        if byte != b'\n' {
            continue;
        }
        let is_last = ends(&line);
        said.push_str(&std::mem::take(&mut line));
        if is_last {
            return Ok(said);
        }
    }
    Err(broken())
}

fn broken() -> SendError {
    SendError::unreachable("the connection broke before it was encrypted")
}

impl AsyncRead for Line {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let line = self.get_mut();
        if !is_read(&line.greeting) {
            return Pin::new(&mut line.greeting).poll_read(cx, buffer);
        }
        match &mut line.wire {
            Wire::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Wire::Encrypted(stream) => Pin::new(stream.as_mut()).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().wire {
            Wire::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Wire::Encrypted(stream) => Pin::new(stream.as_mut()).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().wire {
            Wire::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Wire::Encrypted(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().wire {
            Wire::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Wire::Encrypted(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}

impl AsyncTokioStream for Line {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        match &self.wire {
            Wire::Plain(stream) => stream.peer_addr(),
            Wire::Encrypted(stream) => stream.get_ref().0.peer_addr(),
        }
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encrypted = matches!(self.wire, Wire::Encrypted(_));
        f.debug_struct("Line").field("encrypted", &encrypted).finish_non_exhaustive()
    }
}

fn is_read(greeting: &io::Cursor<&'static [u8]>) -> bool {
    usize::try_from(greeting.position()).is_ok_and(|read| read >= greeting.get_ref().len())
}
