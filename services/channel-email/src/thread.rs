//! Which thread a mail belongs to: what is known of the ids it names, then a signed token. Never its subject.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};
use weft_domain::Result;

use crate::{
    account::{Account, Owner},
    mail::Mail,
    report::Report,
    store::{Kind, Mailbox, Records, Seen, Thread},
    token,
};

/// So many ids that a mail names are looked at.
const MOST_IDS: usize = 50;
/// Ids are keys of the database and of the bus.
const LONGEST_ID: usize = 250;

/// Where a mail belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The thread, as it is with this mail.
    pub(crate) thread: Thread,
    /// What the mail is called: its Message-ID, unless that is missing, too long, or another mail's.
    pub(crate) id: String,
    /// The mail of this thread that it answers, as far as it is known.
    pub(crate) answers: Option<String>,
    /// It begins the thread.
    pub(crate) is_first: bool,
    /// The mail of ours that a report is about.
    pub(crate) reported: Option<Seen>,
    /// It is one of ours that came back.
    pub(crate) is_own: bool,
}

/// Finds the place of a mail, and notes it. The same mail gets the same place each time.
pub(crate) async fn place(records: &Records, account: &Account, mail: &Mail, sent: bool) -> Result<Place> {
    let owner = account.owner().map_err(weft_domain::Error::internal)?;
    let named = named(mail);
    let mut id = id_of(mail);
    let mut asked = named.clone();
    asked.extend([id.clone(), other(&id, &mail.digest)]);
    asked.extend(reported(mail));
    let seen = records.seen(owner, &asked).await?;

    let own = seen.get(&id).filter(|one| one.kind != Kind::Named);
    if let Some(own) = own.filter(|own| own.kind == Kind::Sent) {
        let thread = records.thread(owner, &own.thread).await?.unwrap_or_default();
        return Ok(Place { thread, id, answers: None, is_first: false, reported: None, is_own: true });
    }
    let mut known = own.filter(|own| own.digest == mail.digest);
    if own.is_some() && known.is_none() {
        // the same id with another content is another mail
        id = other(&id, &mail.digest);
        known = seen.get(&id);
    }
    let answers = named
        .iter()
        .filter_map(|id| seen.get(id))
        .find(|one| one.kind != Kind::Named)
        .map(|one| one.id.clone());
    let reported = reported(mail).and_then(|id| seen.get(&id).cloned()).filter(|one| one.kind == Kind::Sent);
    let found = match known.or(reported.as_ref()) {
        Some(one) => Some(one.thread.clone()),
        None => evidence(account, owner, mail, &id, &named, &seen),
    };
    let stored = match &found {
        Some(thread) => records.thread(owner, thread).await?,
        None => None,
    };
    let own_name = name_of_thread(owner, &id);
    // also when it is read again
    let is_first = stored.as_ref().is_none_or(|stored| stored.id == own_name);
    let mut thread = stored.unwrap_or_else(|| Thread {
        id: found.unwrap_or(own_name),
        subject: mail.subject.clone(),
        ..Thread::default()
    });
    let silent = reported.is_some();
    if known.is_none() && !silent {
        join(&mut thread, account, mail, &id, sent);
        let mine = Seen {
            id: id.clone(),
            thread: thread.id.clone(),
            kind: Kind::Received,
            digest: mail.digest.clone(),
            automatic: mail.signs.silence_robots(),
        };
        let mut noted = vec![mine];
        noted.extend(named.iter().map(|id| named_by(id, &thread)));
        records.note(owner, &thread, &noted).await?;
    }
    Ok(Place { thread, id, answers, is_first, reported, is_own: false })
}

/// The ids that a mail names, those that say most first.
fn named(mail: &Mail) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    let ids = mail.in_reply_to.iter().chain(mail.references.iter().rev());
    for id in ids.map(|id| shortened(id)).take(MOST_IDS) {
        if !named.contains(&id) {
            named.push(id);
        }
    }
    named
}

fn reported(mail: &Mail) -> Option<String> {
    let (Some(Report::Delivery { of, .. }) | Some(Report::Read { of })) = &mail.report else { return None };
    of.as_deref().map(shortened)
}

/// What a mail is called: the same each time it is read.
fn id_of(mail: &Mail) -> String {
    match &mail.message_id {
        Some(id) => shortened(id),
        None => format!("{}@no-id.invalid", mail.digest),
    }
}

/// What another mail with the same id is called.
fn other(id: &str, digest: &str) -> String {
    format!("{id}#{}", digest.get(..12).unwrap_or(digest))
}

fn shortened(id: &str) -> String {
    if id.len() <= LONGEST_ID && !id.contains('\0') {
        return id.to_owned();
    }
    format!("{}@long-id.invalid", hex::encode(Sha256::digest(id.as_bytes())))
}

/// What says which thread it is: another mail named this one, it names others, or its recipient's address carries a token.
fn evidence(
    account: &Account,
    owner: Owner,
    mail: &Mail,
    id: &str,
    named: &[String],
    seen: &HashMap<String, Seen>,
) -> Option<String> {
    let by_id = std::iter::once(id).chain(named.iter().map(String::as_str)).find_map(|id| seen.get(id));
    by_id.map(|one| one.thread.clone()).or_else(|| token::thread_of(account, owner, mail.recipients()))
}

/// What a thread is called that begins with this mail.
fn name_of_thread(owner: Owner, id: &str) -> String {
    let digest = Sha256::digest(format!("{}\0{id}", owner.channel).as_bytes());
    format!("t{}", hex::encode(digest).get(..20).unwrap_or_default())
}

/// Takes a mail into its thread: whoever wrote last is answered.
fn join(thread: &mut Thread, account: &Account, mail: &Mail, id: &str, sent: bool) {
    let robot = mail.signs.silence_robots();
    let begins = thread.contact.address.is_empty();
    if !sent {
        thread.automatic = robot;
    }
    if begins || !robot {
        let writer = if sent { mail.to.first() } else { mail.answer_to() };
        let keeps = sent && !begins;
        if let Some(writer) = writer.filter(|writer| !keeps && !account.is_ours(&writer.address)) {
            thread.contact = writer.clone();
        }
        thread.others = others(account, mail, &thread.contact);
    }
    let real = mail.message_id.as_deref().unwrap_or(id);
    let before = if mail.references.is_empty() { &mail.in_reply_to } else { &mail.references };
    thread.append(real, before);
}

fn others(account: &Account, mail: &Mail, contact: &Mailbox) -> Vec<Mailbox> {
    let mut others: Vec<Mailbox> = Vec::new();
    for one in mail.to.iter().chain(&mail.cc).take(MOST_IDS) {
        let known = |address: &str| {
            contact.address.eq_ignore_ascii_case(address)
                || others.iter().any(|other| other.address.eq_ignore_ascii_case(address))
        };
        if !account.is_ours(&one.address) && !known(&one.address) {
            others.push(one.clone());
        }
    }
    others
}

fn named_by(id: &str, thread: &Thread) -> Seen {
    Seen {
        id: id.to_owned(),
        thread: thread.id.clone(),
        kind: Kind::Named,
        digest: String::new(),
        automatic: false,
    }
}
