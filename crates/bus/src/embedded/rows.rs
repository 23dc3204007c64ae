//! Events as rows.

use bytes::Bytes;
use sqlx::{Row, sqlite::SqliteRow};
use weft_domain::{Error, Result};

use crate::{Event, Stream, cloud_event::Attributes};

const CURSOR_BITS: u32 = 56;

/// An event in its place.
#[derive(Debug)]
pub(crate) struct Stored {
    pub cursor: u64,
    pub event: Event,
}

pub(crate) fn number(stream: Stream) -> i64 {
    match stream {
        Stream::In => 0,
        Stream::Out => 1,
        Stream::Events => 2,
        Stream::Audit => 3,
        Stream::Log => 4,
    }
}

pub(crate) fn key(stream: Stream, cursor: u64) -> i64 {
    (number(stream) << CURSOR_BITS) | signed(cursor)
}

pub(crate) fn cursor(key: i64) -> u64 {
    unsigned(key & ((1 << CURSOR_BITS) - 1))
}

/// Cursors and counts fit: at a million events a second 56 bits last two thousand years.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

pub(crate) fn dedup(stream: Stream, id: &str) -> String {
    format!("{}:{id}", stream.name())
}

pub(crate) fn attributes(event: &Event) -> Result<String> {
    serde_json::to_string(&Attributes::of(event)).map_err(Error::internal)
}

/// Reads `key, subject, attributes, data`.
pub(crate) fn stored(row: &SqliteRow) -> Result<Stored> {
    let subject: &str = row.try_get("subject").map_err(super::file::failed)?;
    Ok(Stored {
        cursor: cursor(row.try_get("key").map_err(super::file::failed)?),
        event: event(row, subject)?,
    })
}

pub(crate) fn event(row: &SqliteRow, subject: &str) -> Result<Event> {
    let attributes: &str = row.try_get("attributes").map_err(super::file::failed)?;
    let attributes: Attributes = serde_json::from_str(attributes).map_err(Error::internal)?;
    let data: Vec<u8> = row.try_get("data").map_err(super::file::failed)?;
    Ok(attributes.on(subject, Bytes::from(data)))
}
