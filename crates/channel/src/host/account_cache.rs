use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use thiserror::Error as ThisError;
use weft_domain::{Error, ErrorCode, Result, id::ChannelId};

use super::{HostConfig, directory::Directory, key_sets::KeySets, live_account::LiveAccount};
use crate::AccountSettings;

/// Secrets stay in memory no longer than this (CR-6).
const KEEP: Duration = Duration::from_secs(300);
/// Short, so that what was just connected works at once even when its event is late.
const KEEP_ABSENT: Duration = Duration::from_secs(5);
const MOST: u64 = 10_000;
/// How often calls that are not the provider's may have an account read anew.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The accounts, read from the directory and kept for a while.
pub(crate) struct AccountCache<S> {
    directory: Directory,
    kind: &'static str,
    config: HostConfig,
    keys: KeySets,
    known: Cache<ChannelId, Arc<LiveAccount<S>>>,
    absent: Cache<ChannelId, Absent>,
    looked_again: Cache<ChannelId, ()>,
}

/// Why there is no account.
#[derive(Clone, Debug, ThisError)]
pub(crate) enum Absent {
    #[error("no such channel")]
    Gone,
    /// Its settings cannot be used; a person has to look at them.
    #[error("{0}")]
    Broken(String),
    #[error("the directory does not answer: {0}")]
    Unavailable(String),
}

impl<S: AccountSettings> AccountCache<S> {
    pub(crate) fn new(directory: Directory, kind: &'static str, config: HostConfig, keys: KeySets) -> Self {
        let known = Cache::builder().max_capacity(MOST).time_to_live(KEEP).build();
        let absent = Cache::builder().max_capacity(MOST).time_to_live(KEEP_ABSENT).build();
        let looked_again = Cache::builder().max_capacity(MOST).time_to_live(LOOK_AGAIN).build();
        Self { directory, kind, config, keys, known, absent, looked_again }
    }

    pub(crate) async fn get(&self, id: &ChannelId) -> Result<Arc<LiveAccount<S>>, Absent> {
        if let Some(absent) = self.absent.get(id).await {
            return Err(absent);
        }
        let found = self.known.try_get_with(*id, self.load(id)).await;
        let absent = match found {
            Ok(account) => return Ok(account),
            Err(absent) => Absent::clone(&absent),
        };
        if !matches!(absent, Absent::Unavailable(_)) {
            self.absent.insert(*id, absent.clone()).await;
        }
        Err(absent)
    }

    /// Reads the account anew.
    pub(crate) async fn refresh(&self, id: &ChannelId) -> Result<Arc<LiveAccount<S>>, Absent> {
        self.forget(id).await;
        self.get(id).await
    }

    /// The account, if it is another than this one by now; asked for at most once a second, by whoever comes first for all.
    pub(crate) async fn changed_since(&self, seen: &LiveAccount<S>) -> Option<Arc<LiveAccount<S>>> {
        let id = seen.channel_id;
        self.looked_again.get_with(id, self.look_again(&id)).await;
        self.get(&id).await.ok().filter(|now| now.version != seen.version)
    }

    /// What is known stays when the directory does not answer.
    async fn look_again(&self, id: &ChannelId) {
        let Ok(now) = self.load(id).await else { return };
        let is_newer = self.known.get(id).await.is_none_or(|known| known.version < now.version);
        if is_newer {
            self.known.insert(*id, now).await;
        }
    }

    pub(crate) async fn forget(&self, id: &ChannelId) {
        self.known.invalidate(id).await;
        self.absent.invalidate(id).await;
    }

    async fn load(&self, id: &ChannelId) -> Result<Arc<LiveAccount<S>>, Absent> {
        let account = self.directory.account(id).await.map_err(|error| match error.code() {
            ErrorCode::NotFound => Absent::Gone,
            _ => Absent::Unavailable(error.to_string()),
        })?;
        if account.kind != self.kind {
            return Err(Absent::Gone);
        }
        let live = LiveAccount::read(&account, &self.config, &self.keys)
            .map_err(|error| Absent::Broken(words(&error)))?;
        Ok(Arc::new(live))
    }
}

fn words(error: &Error) -> String {
    match error.field() {
        Some(field) => format!("{field}: {}", error.message()),
        None => error.message().to_owned(),
    }
}

impl From<Absent> for Error {
    fn from(absent: Absent) -> Self {
        match absent {
            Absent::Gone => Self::not_found("channel"),
            Absent::Broken(why) => Self::precondition("account_invalid", why),
            Absent::Unavailable(why) => Self::unavailable("directory_unavailable").with_source(why),
        }
    }
}
