use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde::Serialize;
use weft_channel::simulation::Records;

use super::{ADDRESS, control::Fault};
use crate::mail::{self, Headers};

/// A mail that the account sent.
#[derive(Clone, Debug, Serialize)]
pub struct Sent {
    /// Who it was handed over for.
    pub to: Vec<String>,
    /// The address it comes back to; empty for what a program writes.
    pub from: String,
    /// Its subject.
    pub subject: String,
    /// Its words.
    pub text: String,
    /// Its id.
    pub message_id: String,
    /// Where it wants to be answered.
    pub reply_to: Option<String>,
    /// The ids before it.
    pub references: Vec<String>,
    /// The whole of it.
    #[serde(skip)]
    pub raw: Vec<u8>,
}

/// A mail in a folder.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) uid: u32,
    /// What Gmail calls it, which stays.
    pub(super) id: u64,
    /// What Gmail calls its thread: the id of its first mail.
    pub(super) thread: u64,
    pub(super) raw: Vec<u8>,
    pub(super) arrived: DateTime<Utc>,
}

/// A folder.
#[derive(Clone, Debug, Default)]
pub(super) struct Folder {
    pub(super) mails: Vec<Stored>,
    pub(super) next: u32,
}

#[derive(Default)]
pub(super) struct State {
    /// By address and name.
    pub(super) folders: BTreeMap<(String, String), Folder>,
    pub(super) validity: u32,
    pub(super) sent: Records<Sent>,
    /// Rises with every mail that arrives anywhere.
    pub(super) arrived: u64,
    /// Whether the account has signed in.
    pub(super) connected: bool,
    pub(super) faults: Vec<Fault>,
    /// The last mail that each customer got from the account, to answer it.
    pub(super) last: HashMap<String, Sent>,
    pub(super) made: u64,
    /// Everything that came into the account's mailbox: its history.
    pub(super) history: Vec<Happened>,
    /// What happened up to here is forgotten.
    pub(super) forgotten: u64,
    /// How often access tokens were withdrawn.
    pub(super) withdrawn: u32,
    /// Where Gmail was asked to tell of new mail, each time.
    pub(super) watched: Vec<String>,
    /// When mail arrives; none: now.
    pub(super) now: Option<DateTime<Utc>>,
}

/// A mail that came under a label.
#[derive(Clone, Debug)]
pub(super) struct Happened {
    pub(super) id: u64,
    pub(super) mail: u64,
    pub(super) folder: String,
    /// It was there before.
    pub(super) moved: bool,
}

/// Ids of what happens have gaps between them.
const STEP: u64 = 7;

/// What folders' numbers are worth at first.
const VALIDITY: u32 = 1_700_000_001;

impl State {
    pub(super) fn deliver(&mut self, to: &str, folder: &str, raw: Vec<u8>) {
        let mailbox = mailbox_of(to);
        self.made += 1;
        let id = self.made;
        let thread = self.thread_of(&mailbox, &raw).unwrap_or(id);
        let arrived = self.now.unwrap_or_else(Utc::now);
        self.put(&mailbox, folder, Stored { uid: 0, id, thread, raw, arrived }, false);
    }

    /// Moves a mail of the account from one folder into another.
    pub(super) fn relabel(&mut self, mail: u64, from: &str, to: &str) {
        let source = self.folders.entry((ADDRESS.to_owned(), from.to_owned())).or_default();
        let Some(place) = source.mails.iter().position(|stored| stored.id == mail) else { return };
        let stored = source.mails.remove(place);
        self.put(ADDRESS, to, stored, true);
    }

    fn put(&mut self, mailbox: &str, folder: &str, mail: Stored, moved: bool) {
        if mailbox == ADDRESS {
            let happened =
                Happened { id: self.history_id() + STEP, mail: mail.id, folder: folder.to_owned(), moved };
            self.history.push(happened);
        }
        let folder = self.folders.entry((mailbox.to_owned(), folder.to_owned())).or_default();
        folder.next += 1;
        folder.mails.push(Stored { uid: folder.next, ..mail });
    }

    /// The id of what happened last.
    pub(super) fn history_id(&self) -> u64 {
        self.history.last().map_or(123_456, |last| last.id)
    }

    /// The account's mails, each with its folder.
    pub(super) fn mails(&self) -> impl Iterator<Item = (&str, &Stored)> {
        let own = self.folders.iter().filter(|((mailbox, _), _)| mailbox == ADDRESS);
        own.flat_map(|((_, name), folder)| folder.mails.iter().map(move |mail| (name.as_str(), mail)))
    }

    /// The thread of the mail that this one answers.
    fn thread_of(&self, mailbox: &str, raw: &[u8]) -> Option<u64> {
        let headers = Headers::read(raw);
        let named = [headers.ids("in-reply-to"), headers.ids("references")].concat();
        if mailbox != ADDRESS || named.is_empty() {
            return None;
        }
        let is_named =
            |mail: &Stored| Headers::read(&mail.raw).ids("message-id").iter().any(|id| named.contains(id));
        self.mails().find(|(_, mail)| is_named(mail)).map(|(_, mail)| mail.thread)
    }

    pub(super) fn validity(&self) -> u32 {
        VALIDITY + self.validity
    }

    pub(super) fn renumber(&mut self) {
        self.validity += 1;
        for folder in self.folders.values_mut() {
            for (uid, mail) in (1..).zip(&mut folder.mails) {
                mail.uid = uid;
                folder.next = uid;
            }
        }
    }

    /// Takes a mail of the account to whomever it is for.
    pub(super) fn send(&mut self, from: &str, to: &[String], raw: &[u8]) {
        let mail = mail::parse(raw, None);
        let sent = Sent {
            to: to.to_vec(),
            from: from.to_owned(),
            subject: mail.subject,
            text: mail.text,
            message_id: mail.message_id.unwrap_or_default(),
            reply_to: mail.reply_to.first().map(|to| to.address.clone()),
            references: mail.references,
            raw: raw.to_vec(),
        };
        for one in to {
            self.last.insert(one.to_lowercase(), sent.clone());
            self.deliver(one, "INBOX", raw.to_vec());
        }
        self.sent.push(sent);
    }

    /// Puts the mail that was filed last into a thread; gives its id and its thread.
    pub(super) fn keep_in_thread(&mut self, thread: Option<u64>) -> (u64, u64) {
        let filed = self.folders.get_mut(&(ADDRESS.to_owned(), "Sent".to_owned()));
        let Some(last) = filed.and_then(|folder| folder.mails.last_mut()) else { return (0, 0) };
        last.thread = thread.unwrap_or(last.thread);
        (last.id, last.thread)
    }

    /// Takes a fault that is to happen now.
    pub(super) fn fault(&mut self, is_meant: impl Fn(Fault) -> bool) -> Option<Fault> {
        let place = self.faults.iter().position(|fault| is_meant(*fault))?;
        Some(self.faults.remove(place))
    }
}

/// What follows a plus sign is for the mailbox before it.
pub(super) fn mailbox_of(address: &str) -> String {
    let lower = address.to_lowercase();
    match lower.rsplit_once('@') {
        Some((local, domain)) => format!("{}@{domain}", local.split('+').next().unwrap_or_default()),
        None => lower,
    }
}
