//! Asking a mailbox for what is new.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use weft_channel::{Ignored, PollContext, Polled, Received, SendError, Transport, Unreadable};

use crate::{
    Email,
    account::{Account, Owner},
    inbound,
    mail::{self, Mail},
    mailbox::{Entry, Mailbox, News},
    store::{Known, Position, unavailable},
    thread,
};

/// How long the server is listened to before the host hears from us. A poll has a minute in all.
const HOLD: Duration = Duration::from_secs(30);
/// Where nobody tells of new mail one looks so often.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// What one poll reads.
const MOST_BYTES: usize = 8_000_000;
const MOST_TIME: Duration = Duration::from_secs(20);
/// A mail beyond this is read in part.
const WHOLE: u32 = 36_000_000;
const BEGINNING: u32 = 256 * 1024;
/// For one mail.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where reading stands: what the host gives back once all events up to here are on the bus.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    folder: String,
    #[serde(flatten)]
    at: Position,
}

/// Brings what is new, or waits for it.
pub(crate) async fn poll(
    email: &Email,
    account: &Account,
    context: &PollContext,
    transport: &dyn Transport,
) -> Result<Polled, SendError> {
    let owner = account.owner()?;
    // what was given with this cursor is on the bus: only now the position moves
    if let Some(cursor) =
        context.state.as_deref().and_then(|state| serde_json::from_str::<Cursor>(state).ok())
    {
        email.records.move_to(owner, &cursor.folder, cursor.at).await.map_err(unavailable)?;
    }
    let reader = Reader { email, account, owner, now: context.now };
    if let Some(kept) = Mailbox::kept(email, account) {
        // a connection that lay idle may have been closed meanwhile
        match reader.look(kept).await {
            Ok(polled) => return Ok(polled),
            Err(error) => tracing::debug!(%error, "a kept connection is of no use"),
        }
    }
    reader.look(Mailbox::open(email, account, transport).await?).await
}

struct Reader<'a> {
    email: &'a Email,
    account: &'a Account,
    owner: Owner,
    now: DateTime<Utc>,
}

impl Reader<'_> {
    async fn look(&self, mut mailbox: Mailbox<'_>) -> Result<Polled, SendError> {
        if let Some(polled) = self.look_everywhere(&mut mailbox).await? {
            mailbox.keep(self.email, self.account);
            return Ok(polled);
        }
        let (mut mailbox, waited) = mailbox.wait(self.email, self.account, HOLD).await?;
        let found = if waited { self.look_at(&mut mailbox, &self.account.inbox, false).await? } else { None };
        mailbox.keep(self.email, self.account);
        let wait = if waited { Duration::ZERO } else { LOOK_EVERY };
        Ok(found.unwrap_or_else(|| Polled { wait, ..Polled::default() }))
    }

    async fn look_everywhere(&self, mailbox: &mut Mailbox<'_>) -> Result<Option<Polled>, SendError> {
        let mut folders = self.account.folders();
        // the inbox last: it stays open for waiting
        folders.rotate_left(1);
        for (name, sent) in folders {
            if let Some(polled) = self.look_at(mailbox, name, sent).await? {
                return Ok(Some(polled));
            }
        }
        Ok(None)
    }

    /// The next mails of a folder, if there are any.
    async fn look_at(
        &self,
        mailbox: &mut Mailbox<'_>,
        name: &str,
        sent: bool,
    ) -> Result<Option<Polled>, SendError> {
        let known = match self.email.records.folder(self.owner, name).await.map_err(unavailable)? {
            Some(known) => known,
            None => begin(self.email, self.owner, mailbox, name, self.now).await?,
        };
        let news = mailbox.news(name, &known).await?;
        if news.entries.is_empty() {
            // nothing of it has to reach the bus first
            if news.end != known.at {
                self.email.records.move_to(self.owner, name, news.end).await.map_err(unavailable)?;
            }
            return Ok(None);
        }
        let (received, at) = self.read(mailbox, &news, &known, sent).await?;
        let cursor = Cursor { folder: name.to_owned(), at };
        let next_state = serde_json::to_string(&cursor).ok();
        Ok(Some(Polled { received, next_state, wait: Duration::ZERO }))
    }

    /// Reads mails in order, as many as fit; says up to where.
    async fn read(
        &self,
        mailbox: &mut Mailbox<'_>,
        news: &News,
        known: &Known,
        sent: bool,
    ) -> Result<(Received, Position), SendError> {
        let start = Instant::now();
        let mut received = Received::default();
        let mut reached = None;
        let mut bytes = 0;
        for entry in &news.entries {
            if let Some(at) = reached
                && (bytes >= MOST_BYTES || start.elapsed() >= MOST_TIME)
            {
                return Ok((received, at));
            }
            bytes += self.read_one(mailbox, entry, known, sent, &mut received).await?;
            reached = entry.then;
        }
        Ok((received, news.end))
    }

    async fn read_one(
        &self,
        mailbox: &mut Mailbox<'_>,
        entry: &Entry,
        known: &Known,
        sent: bool,
        received: &mut Received,
    ) -> Result<usize, SendError> {
        let size = if entry.size <= WHOLE { entry.size } else { BEGINNING };
        let _room = self.email.room_for(size).await;
        let whole = entry.size <= WHOLE && self.email.tries.begin(self.account, &entry.spot);
        let first = (!whole).then_some(BEGINNING);
        let Some(raw) = mailbox.read(&entry.spot, first, PATIENCE).await? else { return Ok(0) };
        self.email.tries.end(self.account, &entry.spot);
        let cut_from = (!whole).then_some(entry.size);
        // what no parser should do must not stop the mail behind it
        let Ok(mut mail) = catch_unwind(AssertUnwindSafe(|| mail::parse(&raw, cut_from))) else {
            received
                .unreadable
                .push(Unreadable { why: "a mail that cannot be read".to_owned(), raw: raw.into() });
            return Ok(0);
        };
        let at = entry.arrived.or(mail.date).unwrap_or(self.now);
        let oldest = known.begun_at - TimeDelta::days(i64::from(self.account.import_days) + 1);
        if entry.arrived.is_some_and(|arrived| arrived < oldest) {
            received.append(Ignored::new("old_mail", "it is older than the channel").into());
            return Ok(raw.len());
        }
        answer_whom(self.account, &mut mail);
        let place =
            thread::place(&self.email.records, self.account, &mail, sent).await.map_err(unavailable)?;
        let spot = entry.spot.clone().of(&mail);
        received.append(inbound::receive(self.account, &mail, &place, &spot, at, sent));
        // for the answer
        received.routes.extend(entry.thread.clone().map(|theirs| (place.thread.id, theirs)));
        Ok(raw.len())
    }
}

/// A form on a web page often writes in our own name, and says in `Reply-To` who filled it in.
fn answer_whom(account: &Account, mail: &mut Mail) {
    let ours = mail.from.as_ref().is_some_and(|from| account.is_ours(&from.address));
    let other = mail.reply_to.first().filter(|to| !account.is_ours(&to.address)).cloned();
    if ours && let Some(other) = other {
        mail.from = Some(other);
    }
}

/// Notes where reading of a folder begins.
pub(crate) async fn begin(
    email: &Email,
    owner: Owner,
    mailbox: &mut Mailbox<'_>,
    name: &str,
    now: DateTime<Utc>,
) -> Result<Known, SendError> {
    let at = mailbox.begin(name, now).await?;
    email.records.begin(owner, name, at).await.map_err(unavailable)?;
    let known = email.records.folder(owner, name).await.map_err(unavailable)?;
    known.ok_or_else(|| SendError::unreachable("what is known of the mailbox cannot be read at the moment"))
}
