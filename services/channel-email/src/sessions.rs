use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use weft_domain::id::ChannelId;

use crate::{account::Account, imap::Mailbox, mailbox::Spot};

/// Longer than the host ever takes between two polls that go on.
const KEEP: Duration = Duration::from_secs(150);
/// A mail that could not be read so often is read in part.
const MOST_TRIES: u32 = 2;

/// Connections that wait for the next poll of their account.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<ChannelId, Kept>>);

#[derive(Debug)]
struct Kept {
    mailbox: Mailbox,
    connection: [u8; 32],
    since: Instant,
}

impl Sessions {
    /// The account's connection, if there is one that is still worth trying.
    pub(crate) fn take(&self, account: &Account) -> Option<Mailbox> {
        let channel = account.owner().ok()?.channel;
        let kept = self.lock().remove(&channel)?;
        (kept.connection == account.connection() && kept.since.elapsed() < KEEP).then_some(kept.mailbox)
    }

    /// Keeps a connection, and drops those that nobody came back for.
    pub(crate) fn keep(&self, account: &Account, mailbox: Mailbox) {
        let Ok(owner) = account.owner() else { return };
        let kept = Kept { mailbox, connection: account.connection(), since: Instant::now() };
        let mut sessions = self.lock();
        sessions.retain(|_, other| other.since.elapsed() < KEEP);
        sessions.insert(owner.channel, kept);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ChannelId, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often reading a mail was begun and not ended: one that takes too long would come for ever.
#[derive(Debug, Default)]
pub(crate) struct Tries(Mutex<HashMap<(ChannelId, Spot), u32>>);

impl Tries {
    /// Whether the whole of it is to be tried.
    pub(crate) fn begin(&self, account: &Account, spot: &Spot) -> bool {
        let Some(key) = key(account, spot) else { return true };
        let mut tries = self.lock();
        let count = tries.entry(key).or_default();
        *count += 1;
        *count <= MOST_TRIES
    }

    /// It was read.
    pub(crate) fn end(&self, account: &Account, spot: &Spot) {
        if let Some(key) = key(account, spot) {
            self.lock().remove(&key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(ChannelId, Spot), u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(account: &Account, spot: &Spot) -> Option<(ChannelId, Spot)> {
    Some((account.owner().ok()?.channel, spot.clone()))
}
