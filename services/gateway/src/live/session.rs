use std::{sync::Arc, time::Duration};

use axum::extract::ws::{Utf8Bytes, WebSocket};
use rand::RngExt;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};
use weft_auth::{ACCESS_TOKEN_LIFE, Principal};
use weft_bus::Stream;
use weft_domain::{Error, Result};

use super::{
    Shared, attendance,
    connection::{Connection, Incoming},
    cursor,
    end::End,
    entry::{About, Entry, Shown},
    frames::{ClientFrame, ServerFrame},
    places::Place,
    source::Source,
    subscriptions::Subscriptions,
    viewers::Viewers,
};
use crate::metering;

/// The subprotocol.
pub(crate) const PROTOCOL: &str = "weft.live.v1";
/// What a caller must hold to follow conversations.
pub(crate) const PERMISSION: &str = "conversation.read";
/// What a caller must hold to follow other people's availability; one's own is everybody's.
const SEES_AGENTS: &str = "agent.read";

/// A client that says more in a second is no client of ours.
const FRAMES_A_SECOND: u32 = 100;

/// One socket's session: what it follows, and how far it is.
pub(crate) struct Session {
    shared: Arc<Shared>,
    caller: Principal,
    place: Place,
    id: String,
    source: Source,
    live: broadcast::Receiver<Arc<Shown>>,
    subscriptions: Subscriptions,
    viewers: Viewers,
    /// Nobody is at it, as far as they say.
    away: bool,
    /// Everything up to here has been sent.
    sent: u64,
    /// Whether something was subscribed to; before that no event is taken, so that none is missed.
    follows: bool,
    has_sent_events: bool,
    /// Frames heard since then.
    heard: (u32, Instant),
    /// Until where a client that resumed has to be sent before it is told that it has everything.
    resuming: Option<u64>,
}

impl Session {
    pub(super) fn new(shared: Arc<Shared>, caller: Principal) -> Result<Self> {
        caller.require(PERMISSION)?;
        if shared.leaving.is_cancelled() {
            return Err(Error::unavailable("going_away").with_retry_after(Duration::from_secs(1)));
        }
        let place = shared.places.take(&caller)?;
        let tenant = caller.tenant.to_string();
        let (news, live) = shared.hub.listen(&tenant);
        let head = shared.hub.ring.head();
        let sent = head
            .ok_or_else(|| Error::unavailable("live_not_ready").with_retry_after(Duration::from_secs(1)))?;
        let source = Source::new(Arc::clone(&shared), &tenant, news, sent);
        let subscriptions = Subscriptions::new(shared.config.conversations_per_socket);
        Ok(Self {
            shared,
            caller,
            place,
            id: uuid::Uuid::now_v7().to_string(),
            source,
            live,
            subscriptions,
            viewers: Viewers::default(),
            away: false,
            sent,
            follows: false,
            has_sent_events: false,
            heard: (0, Instant::now()),
            resuming: None,
        })
    }

    /// Runs the session where stopping waits for it.
    pub(crate) fn start(self, socket: WebSocket) {
        let tasks = self.shared.tasks.clone();
        tasks.spawn("live socket", self.run(socket));
    }

    async fn run(mut self, socket: WebSocket) {
        let mut connection = Connection::new(socket, self.shared.config.lagging(), self.place.ended());
        let end = match Box::pin(self.talk(&mut connection)).await {
            Ok(never) => match never {},
            Err(end) => end,
        };
        tracing::debug!(session.id = self.id, ?end, "live socket ended");
        metering::ended(end, 1);
        let me = (&self.caller, self.id.as_str());
        std::mem::take(&mut self.viewers).leave(&self.shared, me).await;
        attendance::say(&self.shared, me, None).await;
        connection.close(self.goodbye(end), end).await;
    }

    async fn talk(&mut self, connection: &mut Connection) -> Result<std::convert::Infallible, End> {
        let hello = cursor::encode(self.sent);
        say(connection, &ServerFrame::Hello { cursor: &hello, session_id: &self.id }).await?;
        self.attend().await;
        let (ended, leaving) = (self.place.ended(), self.shared.leaving.clone());
        let expires = Instant::now() + self.left_of_token();
        let mut ping = interval(self.shared.config.ping());
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut leave_at = None;
        loop {
            tokio::select! {
                () = ended.cancelled() => return Err(End::SessionEnded),
                () = sleep_until(expires) => return Err(End::SessionEnded),
                () = leaving.cancelled(), if leave_at.is_none() => leave_at = Some(Instant::now() + self.spread()),
                () = sleep_until(leave_at.unwrap_or(expires)), if leave_at.is_some() => return Err(End::GoingAway),
                incoming = connection.receive() => self.on_incoming(connection, incoming?).await?,
                entries = self.source.next(), if self.follows => {
                    self.on_entries(connection, entries.map_err(End::from)?).await?;
                }
                heard = self.live.recv() => self.on_live(connection, heard).await?,
                _ = ping.tick() => {
                    if connection.silence() > self.shared.config.idle() {
                        return Err(End::Idle);
                    }
                    connection.ping().await?;
                    self.attend().await;
                }
            }
        }
    }

    /// Says that its caller is there, as often as it is asked whether it is.
    async fn attend(&mut self) {
        attendance::say(&self.shared, (&self.caller, &self.id), Some(self.away)).await;
    }

    async fn on_incoming(&mut self, connection: &mut Connection, incoming: Incoming) -> Result<(), End> {
        let text = match incoming {
            Incoming::Sign => return Ok(()),
            Incoming::Binary => return Err(End::Unreadable),
            Incoming::Text(text) => text,
        };
        self.count_frame()?;
        match self.answer(&text).await {
            Ok(Some(answer)) => connection.send(answer).await,
            Ok(None) => Ok(()),
            Err(error) => {
                say(connection, &ServerFrame::Error { reason: error.reason(), message: error.message() })
                    .await
            }
        }
    }

    fn count_frame(&mut self) -> Result<(), End> {
        let (count, since) = &mut self.heard;
        if since.elapsed() > Duration::from_secs(1) {
            (*count, *since) = (0, Instant::now());
        }
        *count += 1;
        if *count > FRAMES_A_SECOND { Err(End::Chatty) } else { Ok(()) }
    }

    async fn answer(&mut self, text: &str) -> Result<Option<Utf8Bytes>> {
        match ClientFrame::read(text)? {
            ClientFrame::Subscribe { conversations } => {
                self.caller.require(PERMISSION)?;
                self.subscriptions.add(&conversations)?;
                self.follows = true;
                ServerFrame::Subscribed { conversations: &conversations }.text().map(Some)
            }
            ClientFrame::Unsubscribe { conversations } => {
                self.subscriptions.remove(&conversations);
                ServerFrame::Unsubscribed { conversations: &conversations }.text().map(Some)
            }
            ClientFrame::Resume { cursor } => {
                self.resume(cursor::decode(&cursor)?).await?;
                Ok(None)
            }
            ClientFrame::Present { conversation, doing } => {
                self.caller.require(PERMISSION)?;
                let me = (&self.caller, self.id.as_str());
                let viewers = self.viewers.say(&self.shared, me, &conversation, doing).await?;
                ServerFrame::Viewers { conversation: &conversation, viewers: &viewers }.text().map(Some)
            }
            ClientFrame::Attend { away } => {
                self.away = away;
                self.attend().await;
                Ok(None)
            }
            ClientFrame::AskAttendance { users } => {
                let people = attendance::of(&self.shared, &self.caller, &users).await?;
                ServerFrame::Attendance { people: &people }.text().map(Some)
            }
            ClientFrame::Ping {} => ServerFrame::Pong { cursor: &cursor::encode(self.sent) }.text().map(Some),
        }
    }

    async fn resume(&mut self, position: u64) -> Result<()> {
        if self.has_sent_events {
            let words = "events are already on their way; send `resume` before the first `subscribe`";
            return Err(Error::precondition("resume_too_late", words));
        }
        let head = self.shared.hub.ring.head().unwrap_or_default();
        // another process of the fleet may be a little ahead of this one
        if position > head && position > self.shared.bus.last_cursor(Stream::Events).await? {
            return Err(Error::invalid("invalid_cursor", "this cursor is not of this stream"));
        }
        self.source.seek(position);
        self.sent = position;
        self.resuming = Some(head.max(position));
        Ok(())
    }

    async fn on_entries(&mut self, connection: &mut Connection, entries: Vec<Arc<Entry>>) -> Result<(), End> {
        let shown = entries.iter().filter_map(|entry| entry.shown());
        let frames: Vec<Utf8Bytes> =
            shown.filter(|shown| self.is_shown(shown)).map(|shown| shown.frame.clone()).collect();
        if !frames.is_empty() {
            connection.send_all(frames.into_iter()).await?;
            self.has_sent_events = true;
        }
        self.sent = self.source.position();
        if self.resuming.is_some_and(|target| self.sent >= target) {
            self.resuming = None;
            let here = cursor::encode(self.sent);
            say(connection, &ServerFrame::Resumed { cursor: &here }).await?;
        }
        if self.source.is_lagging() { Err(End::Lagging) } else { Ok(()) }
    }

    async fn on_live(
        &mut self,
        connection: &mut Connection,
        heard: Result<Arc<Shown>, RecvError>,
    ) -> Result<(), End> {
        match heard {
            Ok(shown) if self.is_shown(&shown) => connection.send(shown.frame.clone()).await,
            Ok(_) | Err(RecvError::Lagged(_)) => Ok(()),
            Err(RecvError::Closed) => Err(End::Unavailable),
        }
    }

    fn is_shown(&self, shown: &Shown) -> bool {
        if shown.only.as_ref().is_some_and(|user| self.caller.user().to_string() != *user) {
            return false;
        }
        match &shown.about {
            About::Conversation(id) => self.subscriptions.include(id),
            About::Agent(user) => {
                let may = self.caller.may(SEES_AGENTS) || self.caller.user().to_string() == *user;
                may && self.subscriptions.follow_all()
            }
            About::Person(user) => self.subscriptions.follow_all() && self.caller.user().to_string() != *user,
            About::Desk => self.subscriptions.follow_all(),
            About::Notice => true,
        }
    }

    fn goodbye(&self, end: End) -> Option<Utf8Bytes> {
        let reason = end.goodbye()?;
        // what is gone cannot be resumed: the state has to be read anew, and then followed from now on
        let from = match end {
            End::Expired => self.shared.hub.ring.head().unwrap_or(self.sent),
            _ => self.sent,
        };
        ServerFrame::Goodbye { reason, resume: &cursor::encode(from) }.text().ok()
    }

    fn left_of_token(&self) -> Duration {
        let age = self.shared.clock.now() - self.caller.issued_at;
        ACCESS_TOKEN_LIFE.saturating_sub(age.to_std().unwrap_or_default())
    }

    fn spread(&self) -> Duration {
        Duration::from_millis(rand::rng().random_range(0..=self.shared.config.goodbye_spread_ms))
    }
}

async fn say(connection: &mut Connection, frame: &ServerFrame<'_>) -> Result<(), End> {
    let text = frame.text().map_err(|_| End::Unavailable)?;
    connection.send(text).await
}
