//! Dead letters: the event in binary mode, with one more header that says why.

use async_nats::{
    header::NATS_MESSAGE_ID,
    jetstream::{
        Context,
        message::{PublishMessage, StreamMessage},
        stream::DirectGetErrorKind,
    },
};
use chrono::Utc;
use weft_domain::{Error, Result};

use super::{
    message::{self, headers},
    streams::{DEAD, DEAD_PREFIX},
};
use crate::{DeadLetter, NewDeadLetter, dead_letter::Stamp, event::Outgoing};

const STAMP: &str = "weft-dead-letter";

/// Writes a letter; one with the same `dedup` is there already.
pub(crate) async fn bury(context: &Context, dedup: &str, letter: &NewDeadLetter) -> Result<()> {
    let stamp = serde_json::to_string(&letter.stamp(Utc::now())).map_err(Error::internal)?;
    let outgoing = Outgoing { event: letter.event.clone(), dedup: Some(dedup.to_owned()) };
    let mut headers = headers(&outgoing);
    headers.insert(STAMP, stamp);
    let message = PublishMessage::build().headers(headers).payload(outgoing.event.data);
    let source: String =
        letter.source.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    context
        .send_publish(format!("{DEAD_PREFIX}{source}"), message)
        .await
        .map_err(failed)?
        .await
        .map_err(failed)?;
    Ok(())
}

pub(crate) async fn list(context: &Context, after: u64, limit: usize) -> Result<Vec<DeadLetter>> {
    let stream = context.get_stream_no_info(DEAD).await.map_err(failed)?;
    let mut letters = Vec::new();
    let mut next = after + 1;
    while letters.len() < limit {
        let request = stream.direct_get_builder().sequence(next).next_by_subject(format!("{DEAD_PREFIX}>"));
        match request.send().await {
            Ok(found) => {
                next = found.sequence + 1;
                letters.extend(letter(found));
            }
            Err(error) if error.kind() == DirectGetErrorKind::NotFound => break,
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(letters)
}

pub(crate) async fn remove(context: &Context, ids: &[u64]) -> Result<()> {
    let stream = context.get_stream_no_info(DEAD).await.map_err(failed)?;
    for id in ids {
        if let Err(error) = stream.delete_message(*id).await {
            // The server has no code of its own for a message that is gone already.
            let found = stream.direct_get(*id).await;
            if !found.is_err_and(|error| error.kind() == DirectGetErrorKind::NotFound) {
                return Err(failed(error));
            }
        }
    }
    Ok(())
}

fn letter(found: StreamMessage) -> Option<DeadLetter> {
    let stamp: Stamp = serde_json::from_str(found.headers.get(STAMP)?.as_str()).ok()?;
    let dedup = found.headers.get(NATS_MESSAGE_ID).map_or("", |id| id.as_str()).to_owned();
    let event = message::event(&found.subject, Some(&found.headers), found.payload);
    Some(stamp.on(found.sequence, &dedup, event.unwrap_or_else(|(event, _)| *event)))
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::unavailable("bus_broker").with_source(error)
}
