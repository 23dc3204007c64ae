//! Hands mail out. As much of IMAP as the adapter speaks, and no more.

use std::io;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::NaiveDate;
use tokio::net::TcpStream;

use super::{
    Fault, PASSWORD, Simulator,
    state::{Folder, State, Stored, mailbox_of},
    words::Words,
};
use crate::mail::Headers;

pub(super) async fn talk(simulator: Simulator, stream: TcpStream) {
    let mut session = Session { simulator, words: Words::new(stream), user: None, folder: None };
    // whoever hangs up has nothing more to say
    drop(session.converse().await);
}

struct Session {
    simulator: Simulator,
    words: Words,
    user: Option<String>,
    folder: Option<String>,
}

impl Session {
    async fn converse(&mut self) -> io::Result<()> {
        self.words.say("* OK simulated mail").await?;
        while let Some(line) = self.words.line().await {
            let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
            let command =
                command.strip_prefix("UID ").map_or(command.to_owned(), |rest| format!("UID-{rest}"));
            let (verb, rest) = command.split_once(' ').unwrap_or((&command, ""));
            let verb = verb.to_uppercase();
            let said = match verb.as_str() {
                "CAPABILITY" => {
                    self.words.say("* CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN AUTH=XOAUTH2").await?;
                    "OK done".to_owned()
                }
                "NOOP" => "OK done".to_owned(),
                "LOGIN" => self.login(rest),
                "AUTHENTICATE" => self.authenticate(rest).await?,
                "LOGOUT" => {
                    self.words.say("* BYE").await?;
                    self.words.say(&format!("{tag} OK bye")).await?;
                    return Ok(());
                }
                _ if self.user.is_none() => "NO [AUTHENTICATIONFAILED] sign in first".to_owned(),
                "SELECT" | "EXAMINE" => self.select(rest).await?,
                "APPEND" => self.append(rest).await?,
                "UID-SEARCH" => self.search(rest).await?,
                "UID-FETCH" => self.fetch(rest).await?,
                "IDLE" => match self.idle().await? {
                    true => "OK done".to_owned(),
                    false => return Ok(()),
                },
                _ => "BAD no such command".to_owned(),
            };
            self.words.say(&format!("{tag} {said}")).await?;
        }
        Ok(())
    }

    fn login(&mut self, rest: &str) -> String {
        let mut parts = rest.splitn(2, ' ').map(unquoted);
        let (user, password) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        self.let_in(&user, &password)
    }

    fn let_in(&mut self, user: &str, password: &str) -> String {
        let failed = self.simulator.world.lock().fault(|fault| fault == Fault::SignIn).is_some();
        if failed || password != PASSWORD || !user.contains('@') {
            return "NO [AUTHENTICATIONFAILED] wrong user name or password".to_owned();
        }
        self.user = Some(mailbox_of(user));
        if user == super::ADDRESS {
            self.simulator.world.change(|state| state.connected = true);
        }
        "OK welcome".to_owned()
    }

    async fn authenticate(&mut self, mechanism: &str) -> io::Result<String> {
        if !mechanism.eq_ignore_ascii_case("XOAUTH2") {
            return Ok("NO no such mechanism".to_owned());
        }
        self.words.say("+ ").await?;
        let given = self.words.line().await.unwrap_or_default();
        let text = String::from_utf8(STANDARD.decode(given).unwrap_or_default()).unwrap_or_default();
        let field = |name: &str| {
            let found = text.split('\u{1}').find_map(|part| part.strip_prefix(name));
            found.unwrap_or_default().to_owned()
        };
        let said = self.let_in(&field("user="), &field("auth=Bearer "));
        if self.user.is_none() {
            self.words.say(&format!("+ {}", STANDARD.encode("{\"status\":\"400\"}"))).await?;
            drop(self.words.line().await);
        }
        Ok(said)
    }

    fn with<T>(&self, name: &str, look: impl FnOnce(&Folder) -> T) -> T {
        let mut state = self.simulator.world.lock();
        let key = (self.user.clone().unwrap_or_default(), name.to_owned());
        look(state.folders.entry(key).or_default())
    }

    async fn select(&mut self, rest: &str) -> io::Result<String> {
        let name = unquoted(rest);
        if !matches!(name.as_str(), "INBOX" | "Sent" | "Junk") {
            return Ok("NO no such folder".to_owned());
        }
        let (exists, next) = self.with(&name, |folder| (folder.mails.len(), folder.next + 1));
        let validity = self.simulator.world.lock().validity();
        let said = format!(
            "* FLAGS (\\Seen)\r\n* {exists} EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY {validity}] valid\r\n* OK [UIDNEXT {next}] next"
        );
        self.words.say(&said).await?;
        self.folder = Some(name);
        Ok("OK [READ-WRITE] selected".to_owned())
    }

    async fn append(&mut self, rest: &str) -> io::Result<String> {
        let name = unquoted(rest.split(' ').next().unwrap_or_default());
        let size = rest.rsplit_once('{').and_then(|(_, size)| size.trim_end_matches(['}', '+']).parse().ok());
        let Some(size) = size else { return Ok("BAD how many bytes?".to_owned()) };
        self.words.say("+ go on").await?;
        let Some(raw) = self.words.literal(size).await else { return Ok("BAD too large".to_owned()) };
        drop(self.words.line().await);
        let user = self.user.clone().unwrap_or_default();
        self.simulator.world.lock().deliver(&user, &name, raw);
        Ok("OK kept".to_owned())
    }

    async fn search(&mut self, query: &str) -> io::Result<String> {
        let Some(name) = self.folder.clone() else { return Ok("BAD open a folder first".to_owned()) };
        let found = self.with(&name, |folder| {
            let highest = folder.mails.last().map(|mail| mail.uid);
            let fits = folder.mails.iter().filter(|mail| matches(mail, query, highest));
            fits.map(|mail| mail.uid.to_string()).collect::<Vec<_>>().join(" ")
        });
        self.words.say(format!("* SEARCH {found}").trim_end()).await?;
        Ok("OK done".to_owned())
    }

    async fn fetch(&mut self, rest: &str) -> io::Result<String> {
        let Some(name) = self.folder.clone() else { return Ok("BAD open a folder first".to_owned()) };
        let (set, what) = rest.split_once(' ').unwrap_or((rest, ""));
        let wanted: Vec<u32> = set.split(',').filter_map(|uid| uid.parse().ok()).collect();
        let mails: Vec<(usize, Stored)> = self.with(&name, |folder| {
            let numbered = (1..).zip(&folder.mails).filter(|(_, mail)| wanted.contains(&mail.uid));
            numbered.map(|(number, mail)| (number, mail.clone())).collect()
        });
        for (number, mail) in mails {
            let date = mail.arrived.format("%d-%b-%Y %H:%M:%S +0000");
            let head = format!(
                "* {number} FETCH (UID {} RFC822.SIZE {} INTERNALDATE \"{date}\"",
                mail.uid,
                mail.raw.len()
            );
            self.words.send(head.as_bytes()).await?;
            if what.contains("BODY.PEEK[]") {
                let most = what.split_once("<0.").and_then(|(_, most)| most.split('>').next()?.parse().ok());
                let body = mail.raw.get(..most.unwrap_or(usize::MAX).min(mail.raw.len())).unwrap_or_default();
                let name = if most.is_some() { "BODY[]<0>" } else { "BODY[]" };
                self.words.send(format!(" {name} {{{}}}\r\n", body.len()).as_bytes()).await?;
                self.words.send(body).await?;
            }
            self.words.say(")").await?;
        }
        Ok("OK done".to_owned())
    }

    /// Tells of new mail until the other side has enough; false when the connection is to break.
    async fn idle(&mut self) -> io::Result<bool> {
        let mut seen = self.simulator.world.lock().arrived;
        self.words.say("+ idling").await?;
        if self.simulator.world.lock().fault(|fault| fault == Fault::DropWhileIdle).is_some() {
            return Ok(false);
        }
        let name = self.folder.clone().unwrap_or_default();
        loop {
            let more = |state: &mut State| Some(state.arrived).filter(|arrived| *arrived != seen);
            tokio::select! {
                line = self.words.line() => return Ok(line.is_some_and(|line| line.eq_ignore_ascii_case("DONE"))),
                arrived = self.simulator.world.wait(more) => {
                    seen = arrived;
                    let exists = self.with(&name, |folder| folder.mails.len());
                    self.words.say(&format!("* {exists} EXISTS")).await?;
                }
            }
        }
    }
}

fn matches(mail: &Stored, query: &str, highest: Option<u32>) -> bool {
    let mut words = query.split(' ');
    while let Some(word) = words.next() {
        let fits = match word.to_uppercase().as_str() {
            "ALL" => true,
            "UID" => {
                let from: u32 = words.next().and_then(|set| set.split(':').next()?.parse().ok()).unwrap_or(1);
                mail.uid >= from || highest == Some(mail.uid)
            }
            "SINCE" => day(words.next()).is_none_or(|day| mail.arrived.date_naive() >= day),
            // dates that mails say themselves are not looked at here
            "SENTSINCE" => words.next().is_some(),
            "HEADER" => {
                let (name, value) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
                let headers = Headers::read(&mail.raw);
                let given = headers.get(&name.to_lowercase()).unwrap_or_default().to_owned();
                given.contains(value.trim_matches('"'))
            }
            _ => false,
        };
        if !fits {
            return false;
        }
    }
    true
}

fn day(text: Option<&str>) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text?, "%d-%b-%Y").ok()
}

fn unquoted(text: &str) -> String {
    text.trim_matches('"').replace("\\\"", "\"").replace("\\\\", "\\")
}
