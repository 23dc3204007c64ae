use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::control::Fault;
use crate::mail;

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
    pub(super) sent: Vec<Sent>,
    pub(super) faults: Vec<Fault>,
    /// The last mail that each customer got from the account, to answer it.
    pub(super) last: HashMap<String, Sent>,
    pub(super) made: u64,
}

/// What folders' numbers are worth at first.
const VALIDITY: u32 = 1_700_000_001;

impl State {
    pub(super) fn deliver(&mut self, to: &str, folder: &str, raw: Vec<u8>) {
        let folder = self.folders.entry((mailbox_of(to), folder.to_owned())).or_default();
        folder.next += 1;
        folder.mails.push(Stored { uid: folder.next, raw, arrived: Utc::now() });
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
