//! Rows as callers see them.

use weft_domain::{Error, Result, id};
use weft_proto::{convert::timestamp, dead_letters::v1::DeadLetter};

use crate::store::{letters::Model, sealed::Opened, state};

/// A letter without what it holds of people.
pub(crate) fn letter(row: &Model) -> Result<DeadLetter> {
    Ok(DeadLetter {
        id: id::from_uuid::<id::DeadLetter>(row.id).to_string(),
        state: state::stored(&row.state)?.into(),
        source: row.source.clone(),
        stream: row.stream.clone().unwrap_or_default(),
        subject: row.subject.clone(),
        event_id: row.event_id.clone(),
        event_type: row.event_type.clone(),
        reason: row.reason.clone(),
        words: row.words.clone(),
        attempts: u32::try_from(row.attempts).map_err(Error::internal)?,
        first_at: Some(timestamp(row.first_at)),
        last_at: Some(timestamp(row.last_at)),
        trace_id: trace_id(row.traceparent.as_deref()),
        body_bytes: u64::try_from(row.body_bytes).map_err(Error::internal)?,
        ended_at: row.ended_at.map(timestamp),
        ended_by: row.ended_by.clone().unwrap_or_default(),
        why: row.why.clone(),
        ..DeadLetter::default()
    })
}

/// A letter with all that is left of it.
pub(crate) fn whole(row: &Model, opened: Option<Opened>) -> Result<DeadLetter> {
    let mut shown = letter(row)?;
    let Some(Opened { key, body }) = opened else { return Ok(shown) };
    shown.key = Some(key);
    match String::from_utf8(body) {
        Ok(text) => shown.body = Some(text),
        Err(bytes) => shown.binary_body = Some(bytes.into_bytes().into()),
    }
    Ok(shown)
}

/// `00-<trace>-<span>-<flags>`.
fn trace_id(traceparent: Option<&str>) -> String {
    traceparent.and_then(|text| text.split('-').nth(1)).unwrap_or_default().to_owned()
}
