use std::time::Duration;

use async_nats::jetstream::{
    Context,
    consumer::{AckPolicy, DeliverPolicy, pull},
};
use futures::StreamExt;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::warn;
use weft_domain::{Error, Result};

use super::message;
use crate::{Event, Stream};

const PAUSE: Duration = Duration::from_millis(250);
const PULL: Duration = Duration::from_secs(10);
/// A lost server is noticed after two of them.
const HEARTBEAT: Duration = Duration::from_secs(2);
const PAGE: usize = 500;
/// How long the server keeps the subscription of a reader that has gone.
const FORGET: Duration = Duration::from_secs(30);

pub(crate) struct Reader {
    context: Context,
    closed: CancellationToken,
    stream: Stream,
    filters: Vec<String>,
    last: u64,
    messages: Option<pull::Stream>,
    delivered: u64,
}

impl Reader {
    pub(crate) async fn open(
        context: Context,
        closed: CancellationToken,
        stream: Stream,
        after: Option<u64>,
        filters: Vec<String>,
    ) -> Result<Self> {
        let mut reader = Self { context, closed, stream, filters, last: 0, messages: None, delivered: 0 };
        reader.messages = Some(reader.subscribe(after).await?);
        Ok(reader)
    }

    pub(crate) async fn next(&mut self) -> Result<Option<(u64, Event)>> {
        loop {
            if self.closed.is_cancelled() {
                return Ok(None);
            }
            let Some(messages) = self.messages.as_mut() else {
                match self.subscribe(Some(self.last)).await {
                    Ok(messages) => self.messages = Some(messages),
                    Err(error) if error.code().is_transient() => sleep(PAUSE).await,
                    Err(error) => return Err(error),
                }
                continue;
            };
            let received = tokio::select! {
                received = messages.next() => received,
                () = self.closed.cancelled() => return Ok(None),
            };
            let Some(Ok(message)) = received else {
                warn!(stream = self.stream.name(), "a reader subscribes anew");
                self.messages = None;
                continue;
            };
            let Ok(info) = message.info() else { continue };
            let (cursor, delivered) = (info.stream_sequence, info.consumer_sequence);
            self.delivered += 1;
            // A gap here is a message lost on its way.
            if delivered != self.delivered || cursor <= self.last {
                self.messages = None;
                continue;
            }
            self.last = cursor;
            let message = message.message;
            match message::event(&message.subject, message.headers.as_ref(), message.payload) {
                Ok(event) => return Ok(Some((cursor, event))),
                Err((_, fault)) => warn!(cursor, fault, "an unreadable event is skipped"),
            }
        }
    }

    async fn subscribe(&mut self, after: Option<u64>) -> Result<pull::Stream> {
        let stream = self.context.get_stream(self.stream.name()).await.map_err(failed)?;
        let state = &stream.cached_info().state;
        let after = after.unwrap_or(state.last_sequence);
        if after + 1 < state.first_sequence || after > state.last_sequence {
            return Err(expired());
        }
        self.last = after;
        self.delivered = 0;
        let config = pull::Config {
            filter_subjects: self.filters.clone(),
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: after + 1 },
            ack_policy: AckPolicy::None,
            inactive_threshold: FORGET,
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let consumer = stream.create_consumer(config).await.map_err(failed)?;
        let messages = consumer.stream().max_messages_per_batch(PAGE).expires(PULL).heartbeat(HEARTBEAT);
        messages.messages().await.map_err(failed)
    }
}

fn expired() -> Error {
    Error::precondition("cursor_expired", "events after this cursor are no longer kept; read the state anew")
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::unavailable("bus_broker").with_source(error)
}
