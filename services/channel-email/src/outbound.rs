//! One message into one mail, and its way out.

use sha2::{Digest as _, Sha256};
use weft_channel::{Files, Outbound, Receipt, SendError, Transport};

use crate::{
    Email,
    account::{Account, Owner},
    compose, mailbox,
    store::{Kind, Mailbox, Seen, Thread, unavailable},
};

/// Sends one message. Its id is noted before it goes, so that an answer or a bounce finds its thread however this ends.
pub(crate) async fn send(
    email: &Email,
    account: &Account,
    message: &Outbound,
    files: &Files,
    transport: &dyn Transport,
) -> Result<Receipt, SendError> {
    let owner = account.owner()?;
    let (thread, moved_to) = thread(email, account, owner, message).await?;
    refuse_loops(email, account, owner, &thread, message).await?;
    let mail = compose::mail(account, owner, &thread, message, files)?;
    let own = Seen {
        id: mail.id.clone(),
        thread: thread.id.clone(),
        kind: Kind::Sent,
        digest: String::new(),
        automatic: compose::is_automatic(message),
    };
    email.records.note_id(owner, &thread, own).await.map_err(unavailable)?;
    let whereto = (thread.id.as_str(), message.attempt > 1);
    let warnings = mailbox::send(email, account, &mail, whereto, transport).await?;
    // the mail is out: whatever fails from here on does not undo that
    if let Err(error) = email.records.sent(owner, &thread.id, &mail.id).await {
        tracing::warn!(%error, "a thread does not know of its newest mail");
    }
    Ok(Receipt { contact_stays: moved_to.is_some(), moved_to, warnings, ..Receipt::of(mail.id) })
}

/// The thread of a message. One that is named by an address alone begins with this message, and gets a name of its own.
async fn thread(
    email: &Email,
    account: &Account,
    owner: Owner,
    message: &Outbound,
) -> Result<(Thread, Option<String>), SendError> {
    let name = &message.thread_id;
    if let Some(thread) = email.records.thread(owner, name).await.map_err(unavailable)? {
        return Ok((thread, None));
    }
    if name.parse::<lettre::Address>().is_err() {
        return Err(SendError::message_invalid("the thread is not one of this mailbox"));
    }
    let digest =
        Sha256::digest(format!("{}\0to\0{}\0{name}", owner.channel, message.conversation_id).as_bytes());
    let id = format!("t{}", hex::encode(digest).get(..20).unwrap_or_default());
    let known = email.records.thread(owner, &id).await.map_err(unavailable)?;
    let thread = known.unwrap_or_else(|| Thread {
        id: id.clone(),
        subject: account.subject.clone(),
        contact: Mailbox { name: String::new(), address: name.clone() },
        ..Thread::default()
    });
    Ok((thread, Some(id)))
}

/// A robot never answers a robot, and never anybody without end.
async fn refuse_loops(
    email: &Email,
    account: &Account,
    owner: Owner,
    thread: &Thread,
    message: &Outbound,
) -> Result<(), SendError> {
    if !compose::is_automatic(message) {
        return Ok(());
    }
    if thread.automatic {
        let why = "the last mail was an automatic one, and a program does not answer a program";
        return Err(SendError::rejected("loop", why));
    }
    let id = compose::id_of(account, message);
    let sent = email.records.automatic_today(owner, &thread.id, &id).await.map_err(unavailable)?;
    if sent >= account.automatic_answers.into() {
        let why = "this thread had as many automatic answers today as the channel allows";
        return Err(SendError::rejected("loop", why));
    }
    Ok(())
}
