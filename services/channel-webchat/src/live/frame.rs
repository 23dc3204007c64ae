//! What visitors say over a socket, and what they are answered.

use serde::Deserialize;
use serde_json::{Value, json};
use weft_channel::{Inbound, delivery_report::State};
use weft_domain::{Error, Result};

use super::wire::{Closed, Wire};
use crate::{
    history::MAX_PAGE,
    http::{Api, post_message::write, visitor::Visitor},
    inbound::{report, typing},
};

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Frame {
    /// The visitor writes.
    Message { client_id: String, text: String },
    /// The visitor is writing.
    // not a unit: serde would let unknown fields of one pass
    Typing {},
    /// The page has everything up to this message.
    Delivered { seq: u64 },
    /// The visitor has seen everything up to this message.
    Read { seq: u64 },
    /// The page asks for what it missed.
    CatchUp { after_seq: u64 },
}

/// Does what a frame asks for. What is wrong with it is answered; the socket stays.
pub(super) async fn answer(wire: &mut Wire, api: &Api, visitor: &Visitor, text: &str) -> Result<(), Closed> {
    let read = serde_json::from_str::<Frame>(text)
        .map_err(|error| Error::invalid("invalid_frame", format!("this is no frame of ours: {error}")));
    let client_id = match &read {
        Ok(Frame::Message { client_id, .. }) => Some(client_id.clone()),
        _ => None,
    };
    let done = match (api.gate.frame(&visitor.room).await, read) {
        (Err(error), _) | (_, Err(error)) => Err(error),
        (Ok(()), Ok(Frame::CatchUp { after_seq })) => return catch_up(wire, api, visitor, after_seq).await,
        (Ok(()), Ok(frame)) => carry_out(api, visitor, frame).await,
    };
    match done {
        Ok(Some(frame)) => wire.send(&frame).await,
        Ok(None) => Ok(()),
        Err(error) => wire.send(&refusal(&error, client_id)).await,
    }
}

async fn carry_out(api: &Api, visitor: &Visitor, frame: Frame) -> Result<Option<Value>> {
    match frame {
        Frame::Message { client_id, text } => {
            let id = write(api, visitor, &client_id, &text).await?;
            Ok(Some(json!({"type": "ack", "client_id": id})))
        }
        Frame::Typing {} => {
            let event = typing(&visitor.room, &visitor.session, api.clock.now());
            accept(api, visitor, event).await
        }
        Frame::Delivered { seq } => told(api, visitor, seq, State::Delivered).await,
        Frame::Read { seq } => told(api, visitor, seq, State::Read).await,
        Frame::CatchUp { .. } => Ok(None),
    }
}

/// Hands a receipt on, and tells the visitor's other pages. It is looked up first: a visitor can only speak of
/// messages that were written to them.
async fn told(api: &Api, visitor: &Visitor, seq: u64, state: State) -> Result<Option<Value>> {
    let message = api.history.written_to(&visitor.room, seq).await?;
    let event = report(&visitor.room, &visitor.session, message, state, api.clock.now());
    accept(api, visitor, event).await?;
    let frame = json!({"type": "state", "state": state.as_str_name(), "seq": seq});
    if let Err(error) = api.host.adapter().tell(&visitor.room, &frame).await {
        tracing::debug!(%error, "other pages were not told of a receipt");
    }
    Ok(None)
}

async fn accept(api: &Api, visitor: &Visitor, event: Inbound) -> Result<Option<Value>> {
    api.host.accept(&visitor.room.channel.to_string(), vec![event]).await?;
    Ok(None)
}

/// Sends what came after `after_seq`, and then where the page stands.
async fn catch_up(wire: &mut Wire, api: &Api, visitor: &Visitor, after_seq: u64) -> Result<(), Closed> {
    let page = match api.history.list(&visitor.room, after_seq, MAX_PAGE).await {
        Ok(page) => page,
        Err(error) => return wire.send(&refusal(&error, None)).await,
    };
    for message in page.items {
        wire.send(&json!({"type": "message", "message": message})).await?;
    }
    wire.send(&json!({"type": "caught_up", "after_seq": page.after_seq, "more": page.more})).await
}

fn refusal(error: &Error, client_id: Option<String>) -> Value {
    if error.code().is_ours() {
        tracing::warn!(error = error as &dyn std::error::Error, "a frame was not carried out");
    }
    json!({
        "type": "error",
        "client_id": client_id,
        "reason": error.reason(),
        "message": error.message(),
        "field": error.field(),
        "retry_after_ms": error.retry_after().map(|after| u64::try_from(after.as_millis()).unwrap_or(u64::MAX)),
    })
}
