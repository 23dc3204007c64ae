//! What a connected visitor hears of, whichever way they came.

use std::{pin::Pin, sync::Arc};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::{Interval, MissedTickBehavior, Sleep, interval, sleep};
use weft_bus::LiveSubscription;
use weft_domain::ErrorCode;

use crate::{
    attendance,
    desk::Presence,
    http::{Api, visitor::Visitor},
    metering::Open,
};

/// One connection of a visitor. While it lives the visitor is there.
pub(crate) struct Ear {
    pub(crate) api: Arc<Api>,
    pub(crate) visitor: Visitor,
    pushed: LiveSubscription,
    ticks: Interval,
    expiry: Pin<Box<Sleep>>,
    pub(crate) presence: Presence,
    _open: Open,
}

/// What happened.
pub(crate) enum Heard {
    /// A frame for the page, as JSON.
    Frame(Bytes),
    /// It is time to look around.
    Tick,
    /// The connection is over.
    Ended(Ended),
}

/// Why a connection is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// We end; another replica is there.
    Restarting,
    /// The session is over.
    Expired,
    /// The chat was switched off.
    NoChannel,
}

impl Ear {
    /// Listens for a visitor; `pushed` has been opened before the history was looked at.
    pub(crate) async fn new(api: &Arc<Api>, visitor: Visitor, pushed: LiveSubscription) -> Self {
        let now = api.clock.now();
        let left = (visitor.session.expires_at - now).to_std().unwrap_or_default();
        let mut ticks = interval(api.config.look_every());
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // the first one comes at once
        ticks.tick().await;
        attendance::here(api, &visitor.room).await;
        Self {
            presence: api.desk.presence(&visitor.chat.account, now).await,
            api: Arc::clone(api),
            visitor,
            pushed,
            ticks,
            expiry: Box::pin(sleep(left)),
            _open: Open::new(),
        }
    }

    /// What a page is told first.
    pub(crate) fn hello(&self) -> Value {
        let session = &self.visitor.session;
        json!({
            "type": "hello",
            "visitor_id": session.visitor,
            "session_id": session.id,
            "expires_at": session.expires_at,
            "presence": self.presence,
        })
    }

    /// What happens next; may be dropped at any time.
    pub(crate) async fn next(&mut self) -> Heard {
        loop {
            tokio::select! {
                event = self.pushed.next() => match event {
                    Some((_, frame)) if attendance::is_roll_call(&frame) => {
                        attendance::answer_roll_call(&self.api, &self.visitor.room).await;
                    }
                    Some((_, frame)) => return Heard::Frame(frame),
                    None => return Heard::Ended(Ended::Restarting),
                },
                _ = self.ticks.tick() => return Heard::Tick,
                () = &mut self.expiry => return Heard::Ended(Ended::Expired),
                () = self.api.stop.cancelled() => return Heard::Ended(Ended::Restarting),
            }
        }
    }

    /// Whether chat and session are still there, and news of who attends to it.
    pub(crate) async fn look_around(&mut self) -> Result<Option<Value>, Ended> {
        attendance::here(&self.api, &self.visitor.room).await;
        // a chat that was switched off is switched off for those who are in it, too
        let account = match self.api.host.account(&self.visitor.room.channel.to_string()).await {
            Ok(account) => account,
            Err(error) if error.code() == ErrorCode::NotFound => return Err(Ended::NoChannel),
            Err(_) => return Ok(None),
        };
        // a new secret ends all sessions, also those that are open
        if !account.settings.has_session_secret_of(&self.visitor.chat.account.settings) {
            return Err(Ended::Expired);
        }
        let presence = self.api.desk.presence(&account, self.api.clock.now()).await;
        let is_news = presence != self.presence;
        self.presence = presence;
        Ok(is_news.then(|| json!({"type": "presence", "presence": presence})))
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        attendance::gone(&self.api, &self.visitor.room);
    }
}
