//! Plays a mail system in which anybody has a mailbox: for tests, and for `weft simulate email`.

mod control;
mod customers;
mod doors;
mod gmail;
mod imap;
mod play;
mod simulation;
mod smtp;
mod state;
mod words;

pub use control::Fault;
pub use customers::Says;
pub use gmail::{CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN};
pub use simulation::simulation;
pub use state::Sent;

use std::{io, net::SocketAddr};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weft_channel::simulation::{World, fields, serve};

use crate::mail::Headers;
use state::State;

/// The mailbox that Weft reads and writes from.
pub const ADDRESS: &str = "support@simulated.example";
/// What everybody signs in with.
pub const PASSWORD: &str = "simulated-mail-password";

/// A mail system. Cheap to clone; clones are the same one.
#[derive(Clone, Default)]
pub struct Simulator {
    world: World<State>,
}

/// Where a mail system listens.
pub struct Doors {
    /// For whoever controls it.
    pub control: TcpListener,
    /// For reading mail.
    pub imap: TcpListener,
    /// For sending mail.
    pub smtp: TcpListener,
}

impl Simulator {
    /// Makes a mail system without mail.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers until `stop`. IMAP is spoken one port above the control's, SMTP two.
    pub async fn serve(&self, control: TcpListener, stop: CancellationToken) -> io::Result<()> {
        let at = control.local_addr()?;
        let imap = TcpListener::bind(above(at, 1)).await?;
        let smtp = TcpListener::bind(above(at, 2)).await?;
        self.serve_at(Doors { control, imap, smtp }, stop).await
    }

    /// The same at doors of one's own.
    pub async fn serve_at(&self, doors: Doors, stop: CancellationToken) -> io::Result<()> {
        let router = control::router().merge(gmail::router()).with_state(self.clone());
        let (reader, writer) = (self.clone(), self.clone());
        let imap = doors::answer(doors.imap, move |stream| imap::talk(reader.clone(), stream));
        let smtp = doors::answer(doors.smtp, move |stream| smtp::talk(writer.clone(), stream));
        let mail = async {
            tokio::join!(imap, smtp);
        };
        serve(doors.control, router, stop, mail).await
    }

    /// What the account sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.world.lock().sent.all()
    }

    /// Waits until the account sent so many mails in all, and gives them.
    pub async fn wait_for_sent(&self, count: usize) -> Vec<Sent> {
        self.world.wait(|state| state.sent.once(count)).await
    }

    /// Lets all mail from now on arrive at this instant.
    pub fn stop_clock(&self, at: DateTime<Utc>) {
        self.world.lock().now = Some(at);
    }

    /// Numbers all mail anew, as a server does that was moved.
    pub fn renumber(&self) {
        self.world.lock().renumber();
    }

    /// Forgets the history so far, as Gmail does after a week.
    pub fn forget_history(&self) {
        let mut state = self.world.lock();
        state.forgotten = state.history_id();
    }

    /// Says that the account's newest mail of suspected spam is none.
    pub fn rescue(&self) {
        let mut state = self.world.lock();
        let spam = state.mails().filter(|(folder, _)| *folder == "Junk").map(|(_, mail)| mail.id).max();
        if let Some(spam) = spam {
            state.relabel(spam, "Junk", "INBOX");
        }
    }

    /// The ids of all mails in the account's mailbox, in order, and which Gmail thread each is in: the number of its first mail.
    pub fn gmail_threads(&self) -> Vec<(String, usize)> {
        let state = self.world.lock();
        let mut mails: Vec<(u64, u64, String)> = state
            .mails()
            .map(|(_, mail)| {
                let id = Headers::read(&mail.raw).ids("message-id").into_iter().next().unwrap_or_default();
                (mail.id, mail.thread, id)
            })
            .collect();
        mails.sort();
        let number =
            |thread: u64| mails.iter().position(|(id, ..)| *id == thread).map_or(0, |place| place + 1);
        mails.iter().map(|(_, thread, id)| (id.clone(), number(*thread))).collect()
    }

    /// Deletes everything in the account's mailbox.
    pub fn empty_mailbox(&self) {
        let mut state = self.world.lock();
        for ((mailbox, _), folder) in &mut state.folders {
            if mailbox == ADDRESS {
                folder.mails.clear();
            }
        }
    }

    /// The Pub/Sub topics that the Gmail API was asked to tell of new mail, one for each time.
    pub fn watched(&self) -> Vec<String> {
        self.world.lock().watched.clone()
    }

    /// Puts a mail into somebody's mailbox, byte for byte.
    pub fn deliver(&self, to: &str, raw: Vec<u8>) {
        self.deliver_into(to, "INBOX", raw);
    }

    /// The same into another of their folders: `Sent` or `Junk`.
    pub fn deliver_into(&self, to: &str, folder: &str, raw: Vec<u8>) {
        self.world.change(|state| {
            state.deliver(to, folder, raw);
            state.arrived += 1;
        });
    }
}

/// The settings of the account of a simulator whose control is at `base`.
pub fn account_settings(base: &str) -> Map<String, Value> {
    let port = url::Url::parse(base).ok().and_then(|url| url.port()).unwrap_or_default();
    fields(json!({
        "address": ADDRESS,
        "from_name": "Simulated Support",
        "imap_host": "127.0.0.1",
        "imap_port": port.saturating_add(1),
        "imap_tls": "none",
        "smtp_host": "127.0.0.1",
        "smtp_port": port.saturating_add(2),
        "smtp_tls": "none",
        "sent_folder": "Sent",
        "reply_to_mode": "plus",
        "signature": "Simulated Support",
        "api_base": base,
    }))
}

/// The settings of the same account over the Gmail API.
pub fn gmail_settings(base: &str) -> Map<String, Value> {
    fields(json!({
        "mode": "gmail",
        "address": ADDRESS,
        "from_name": "Simulated Support",
        "client_id": CLIENT_ID,
        "token_url": format!("{}/token", base.trim_end_matches('/')),
        "sent_folder": "SENT",
        "signature": "Simulated Support",
        "api_base": base,
    }))
}

fn above(at: SocketAddr, ports: u16) -> SocketAddr {
    SocketAddr::new(at.ip(), at.port().saturating_add(ports))
}
