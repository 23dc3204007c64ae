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
    imap::{self, Entry, Folder, Mailbox},
    inbound::{self, Spot},
    mail::{self, Mail},
    store::{Known, Position, unavailable},
    thread,
};

/// How long the server is listened to before the host hears from us. A poll has a minute in all.
const HOLD: Duration = Duration::from_secs(30);
/// Without IDLE one looks so often.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// What one poll reads.
const MOST_MAILS: usize = 25;
const MOST_BYTES: usize = 8_000_000;
const MOST_TIME: Duration = Duration::from_secs(20);
/// A mail beyond this is read in part.
const WHOLE: u32 = 36_000_000;
const BEGINNING: u32 = 256 * 1024;
/// For one mail.
const PATIENCE: Duration = Duration::from_secs(30);
/// When a server numbers its mail anew, it is read again from so long before the position moved last.
const OVERLAP: TimeDelta = TimeDelta::days(2);

/// So much mail does not arrive in some days: the whole mailbox was moved, and only what was written lately is looked at.
const MOVED: usize = 1000;

/// Where reading stands: what the host gives back once all events up to here are on the bus.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    folder: String,
    uid_validity: u32,
    last_uid: u32,
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
        let at = Position { uid_validity: cursor.uid_validity, last_uid: cursor.last_uid };
        email.records.move_to(owner, &cursor.folder, at).await.map_err(unavailable)?;
    }
    let reader = Reader { email, account, owner, now: context.now };
    if let Some(kept) = email.sessions.take(account) {
        // a connection that lay idle may have been closed meanwhile
        match reader.look(kept).await {
            Ok(polled) => return Ok(polled),
            Err(error) => tracing::debug!(%error, "a kept connection is of no use"),
        }
    }
    reader.look(imap::open(email, account, transport).await?).await
}

struct Reader<'a> {
    email: &'a Email,
    account: &'a Account,
    owner: Owner,
    now: DateTime<Utc>,
}

impl Reader<'_> {
    async fn look(&self, mut mailbox: Mailbox) -> Result<Polled, SendError> {
        if let Some(polled) = self.look_everywhere(&mut mailbox).await? {
            self.email.sessions.keep(self.account, mailbox);
            return Ok(polled);
        }
        if mailbox.selected() != Some(self.account.inbox.as_str()) {
            mailbox.select(&self.account.inbox).await?;
        }
        let (mut mailbox, waited) = mailbox.wait(HOLD).await?;
        let found = if waited { self.look_at(&mut mailbox, &self.account.inbox, false).await? } else { None };
        self.email.sessions.keep(self.account, mailbox);
        let wait = if waited { Duration::ZERO } else { LOOK_EVERY };
        Ok(found.unwrap_or_else(|| Polled { wait, ..Polled::default() }))
    }

    async fn look_everywhere(&self, mailbox: &mut Mailbox) -> Result<Option<Polled>, SendError> {
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
        mailbox: &mut Mailbox,
        name: &str,
        sent: bool,
    ) -> Result<Option<Polled>, SendError> {
        let folder = mailbox.select(name).await?;
        let known = match self.email.records.folder(self.owner, name).await.map_err(unavailable)? {
            Some(known) => known,
            None => begin(self.email, self.account, self.owner, mailbox, name, self.now).await?,
        };
        let at = match known.at.uid_validity == folder.uid_validity {
            true => known.at,
            false => self.begin_again(mailbox, &folder, &known).await?,
        };
        if folder.uid_next.is_some_and(|next| next <= at.last_uid.saturating_add(1)) {
            return Ok(None);
        }
        let mut uids = mailbox.after(at.last_uid).await?;
        if uids.is_empty() {
            return Ok(None);
        }
        uids.truncate(MOST_MAILS);
        let (received, last_uid) = self.read(mailbox, name, at.uid_validity, &uids, &known, sent).await?;
        let cursor = Cursor { folder: name.to_owned(), uid_validity: at.uid_validity, last_uid };
        let next_state = serde_json::to_string(&cursor).ok();
        Ok(Some(Polled { received, next_state, wait: Duration::ZERO }))
    }

    /// The server has numbered its mail anew: what came lately is read again. The core knows each mail by its own id.
    async fn begin_again(
        &self,
        mailbox: &mut Mailbox,
        folder: &Folder,
        known: &Known,
    ) -> Result<Position, SendError> {
        let day = (known.read_at.max(known.begun_at) - OVERLAP).date_naive();
        let mut arrived = mailbox.since(day).await?;
        if arrived.len() > MOVED {
            arrived = mailbox.written_since(day).await?;
        }
        let last_uid = match arrived.first().copied() {
            Some(first) => first.saturating_sub(1),
            None => folder.end().map_or(0, |end| end.last_uid),
        };
        tracing::info!("a mail server has numbered a folder anew; the mail of the last days is compared");
        Ok(Position { uid_validity: folder.uid_validity, last_uid })
    }

    /// Reads mails in order, as many as fit; says up to which.
    async fn read(
        &self,
        mailbox: &mut Mailbox,
        folder: &str,
        uid_validity: u32,
        uids: &[u32],
        known: &Known,
        sent: bool,
    ) -> Result<(Received, u32), SendError> {
        let entries = mailbox.entries(uids).await?;
        let start = Instant::now();
        let mut received = Received::default();
        let mut last_uid = 0;
        let mut bytes = 0;
        for entry in &entries {
            if last_uid > 0 && (bytes >= MOST_BYTES || start.elapsed() >= MOST_TIME) {
                return Ok((received, last_uid));
            }
            let spot = Spot { folder: folder.to_owned(), uid_validity, uid: entry.uid, message_id: None };
            bytes += self.read_one(mailbox, *entry, spot, known, sent, &mut received).await?;
            last_uid = entry.uid;
        }
        // those that went meanwhile are done, too
        Ok((received, uids.last().copied().unwrap_or_default().max(last_uid)))
    }

    async fn read_one(
        &self,
        mailbox: &mut Mailbox,
        entry: Entry,
        spot: Spot,
        known: &Known,
        sent: bool,
        received: &mut Received,
    ) -> Result<usize, SendError> {
        let size = if entry.size <= WHOLE { entry.size } else { BEGINNING };
        let _room = self.email.room_for(size).await;
        let whole = entry.size <= WHOLE && self.email.tries.begin(self.account, &spot);
        let first = (!whole).then_some(BEGINNING);
        let Some(raw) = mailbox.read(entry.uid, first, PATIENCE).await? else { return Ok(0) };
        self.email.tries.end(self.account, &spot);
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
        let spot = Spot { message_id: mail.message_id.clone(), ..spot };
        received.append(inbound::receive(self.account, &mail, &place, &spot, at, sent));
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

/// Where reading of a folder begins: behind what is there, or some days back.
pub(crate) async fn begin(
    email: &Email,
    account: &Account,
    owner: Owner,
    mailbox: &mut Mailbox,
    name: &str,
    now: DateTime<Utc>,
) -> Result<Known, SendError> {
    let folder = mailbox.select(name).await?;
    let end = match folder.end() {
        Some(end) => end,
        None => {
            let last_uid = mailbox.after(0).await?.last().copied().unwrap_or_default();
            Position { uid_validity: folder.uid_validity, last_uid }
        }
    };
    let at = match account.import_days {
        0 => end,
        days => {
            let day = (now - TimeDelta::days(i64::from(days))).date_naive();
            let first = mailbox.since(day).await?.first().copied();
            Position { last_uid: first.map_or(end.last_uid, |first| first.saturating_sub(1)), ..end }
        }
    };
    email.records.begin(owner, name, at).await.map_err(unavailable)?;
    let known = email.records.folder(owner, name).await.map_err(unavailable)?;
    known.ok_or_else(|| SendError::unreachable("what is known of the mailbox cannot be read at the moment"))
}
