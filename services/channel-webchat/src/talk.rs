//! What visitors say over a connection, and what they are answered: the same for every way they come.

use serde::Deserialize;
use serde_json::{Value, json};
use weft_channel::{Inbound, delivery_report::State};
use weft_domain::{Error, Result};

use crate::{
    history::MAX_PAGE,
    http::{Api, visitor::Visitor},
    inbound::{report, typing},
    write::{Written, write},
};

/// One thing that a visitor says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Said {
    /// The visitor writes.
    Message(Written),
    /// The visitor is writing, or has stopped.
    // not a unit: serde would let unknown fields of one pass
    Typing {
        #[serde(default = "yes")]
        on: bool,
    },
    /// The page has everything up to this message.
    Delivered { seq: u64 },
    /// The visitor has seen everything up to this message.
    Read { seq: u64 },
    /// The page asks for what it missed.
    CatchUp { after_seq: u64 },
}

/// Does what was said. What is wrong with it is answered; the connection stays.
pub(crate) async fn hear(api: &Api, visitor: &Visitor, said: serde_json::Result<Said>) -> Vec<Value> {
    let read =
        said.map_err(|error| Error::invalid("invalid_frame", format!("this is no frame of ours: {error}")));
    let client_id = match &read {
        Ok(Said::Message(written)) => Some(written.client_id.clone()),
        _ => None,
    };
    let done = match (api.gate.frame(&visitor.room).await, read) {
        (Err(error), _) | (_, Err(error)) => Err(error),
        (Ok(()), Ok(said)) => carry_out(api, visitor, said).await,
    };
    done.unwrap_or_else(|error| vec![refusal(&error, client_id)])
}

async fn carry_out(api: &Api, visitor: &Visitor, said: Said) -> Result<Vec<Value>> {
    match said {
        Said::Message(written) => {
            let id = write(api, visitor, &written).await?;
            Ok(vec![json!({"type": "ack", "client_id": id})])
        }
        Said::Typing { on } => {
            let event = typing(&visitor.room, &visitor.session, on, api.clock.now());
            accept(api, visitor, event).await
        }
        Said::Delivered { seq } => told(api, visitor, seq, State::Delivered).await,
        Said::Read { seq } => told(api, visitor, seq, State::Read).await,
        Said::CatchUp { after_seq } => catch_up(api, visitor, after_seq).await,
    }
}

/// Hands a receipt on, and tells the visitor's other pages. It is looked up first: a visitor can only speak of
/// messages that were written to them.
async fn told(api: &Api, visitor: &Visitor, seq: u64, state: State) -> Result<Vec<Value>> {
    let message = api.history.written_to(&visitor.room, seq).await?;
    let event = report(&visitor.room, &visitor.session, message.id, state, api.clock.now());
    let nothing = accept(api, visitor, event).await?;
    let frame = json!({"type": "state", "state": state.as_str_name(), "seq": seq});
    if let Err(error) = api.host.adapter().tell(&visitor.room, &frame).await {
        tracing::debug!(%error, "other pages were not told of a receipt");
    }
    Ok(nothing)
}

async fn accept(api: &Api, visitor: &Visitor, event: Inbound) -> Result<Vec<Value>> {
    api.host.accept(&visitor.room.channel.to_string(), vec![event]).await?;
    Ok(Vec::new())
}

/// What came after `after_seq`, and then where the page stands.
async fn catch_up(api: &Api, visitor: &Visitor, after_seq: u64) -> Result<Vec<Value>> {
    let page = api.history.list(visitor, after_seq, MAX_PAGE, api.clock.now()).await?;
    let end = json!({"type": "caught_up", "after_seq": page.after_seq, "more": page.more});
    let messages = page.items.into_iter().map(|message| json!({"type": "message", "message": message}));
    Ok(messages.chain([end]).collect())
}

/// What a visitor is told of an error.
pub(crate) fn refusal(error: &Error, client_id: Option<String>) -> Value {
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

fn yes() -> bool {
    true
}
