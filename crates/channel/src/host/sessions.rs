use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;
use weft_domain::id::ChannelId;

/// The accounts this replica looks after: each is connected once for every version of it, and polled if need be.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<ChannelId, Session>>);

struct Session {
    version: u64,
    stop: CancellationToken,
}

impl Sessions {
    /// Begins a session for this version, in place of an older one; none when there is one already.
    pub(crate) fn begin(
        &self,
        channel: ChannelId,
        version: u64,
        parent: &CancellationToken,
    ) -> Option<CancellationToken> {
        let mut sessions = self.lock();
        if let Some(known) = sessions.get(&channel) {
            if known.version == version {
                return None;
            }
            known.stop.cancel();
        }
        let stop = parent.child_token();
        sessions.insert(channel, Session { version, stop: stop.clone() });
        Some(stop)
    }

    /// What we changed ourselves is no reason to begin anew.
    pub(crate) fn now_at(&self, channel: ChannelId, from: u64, to: u64) {
        if let Some(session) = self.lock().get_mut(&channel)
            && session.version == from
        {
            session.version = to;
        }
    }

    pub(crate) fn end(&self, channel: &ChannelId) -> bool {
        let ended = self.lock().remove(channel);
        if let Some(session) = &ended {
            session.stop.cancel();
        }
        ended.is_some()
    }

    pub(crate) fn all(&self) -> Vec<ChannelId> {
        self.lock().keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ChannelId, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
