use std::time::Duration;

use weft_bus::{ConsumerSpec, Delivery, Event, Outcome, Stream};
use weft_domain::{Error, ErrorCode, Result};
use weft_proto::{events::v1::ChannelkindAnnounced, json};
use weft_store::Store;

use crate::{kind_form::Form, slug, store::channel_kinds};

const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// The consumer of what adapters announce.
pub(crate) fn channel_kinds() -> ConsumerSpec {
    ConsumerSpec::new("directory-channel-kinds", Stream::Events, &["weft.events.*.channelkind.announced"])
}

/// Adapters say what they are each time they start: that is how this service learns which kinds can be connected.
pub(crate) async fn on_channelkind_announced(store: Store, events: Vec<Delivery>) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(events.len());
    for delivery in events {
        outcomes.push(match keep(&store, &delivery.event).await {
            Ok(()) => Outcome::Done,
            Err(error) if error.code() == ErrorCode::Invalid => {
                Outcome::Dead { reason: error.reason().to_owned(), words: error.message().to_owned() }
            }
            Err(error) => Outcome::Retry { after: AFTER_FAILURE, reason: error.reason().to_owned() },
        });
    }
    outcomes
}

async fn keep(store: &Store, event: &Event) -> Result<()> {
    let announced: ChannelkindAnnounced = json::decode(&event.data)?;
    let kind = announced.kind.ok_or_else(|| Error::invalid("unreadable_event", "it names no kind"))?;
    slug::check("kind", &kind.kind)?;
    // A form that cannot be read would refuse every channel; better to keep the one before.
    Form::settings(&kind)?;
    Form::secrets(&kind)?;
    channel_kinds::put(store, &kind, event.time).await
}
