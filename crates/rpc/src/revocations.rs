use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
use weft_auth::Authority;
use weft_bus::{Bus, Event, Reader, Stream};
use weft_domain::{Result, id};
use weft_proto::{
    convert::time,
    events::v1::{SessionRevoked, TokenRevoked},
    json,
};

/// Longer than an access token and its leeway can live: what was taken back before that has expired by itself.
const RECALLED: TimeDelta = TimeDelta::minutes(15);
const PAUSE: Duration = Duration::from_millis(250);

/// Tells an authority what was taken back, from a quarter of an hour ago on, as it happens, until `stop` or the bus closes.
pub async fn follow_revocations(bus: Bus, authority: Authority, stop: CancellationToken) {
    let mut seen = None;
    while let Some(Err(error)) = stop.run_until_cancelled(follow(&bus, &authority, &mut seen)).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "revocations cannot be followed; trying again"
        );
        if error.reason() == "cursor_expired" {
            seen = None;
        }
        if stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_none() {
            return;
        }
    }
}

async fn follow(bus: &Bus, authority: &Authority, seen: &mut Option<u64>) -> Result<()> {
    let after = match *seen {
        Some(cursor) => cursor,
        None => begin(bus, Utc::now() - RECALLED).await?,
    };
    *seen = Some(after);
    let mut reader =
        read(bus, after, &["weft.events.*.session.revoked", "weft.events.*.token.revoked"]).await?;
    while let Some((cursor, event)) = reader.next().await? {
        if let Err(error) = apply(authority, &event) {
            tracing::error!(event.id = event.id, error = %error, "a revocation could not be read");
        }
        *seen = Some(cursor);
    }
    Ok(())
}

/// A cursor before everything that happened since `since`: the bus finds events by cursor, not by time, so steps back
/// grow until one is old enough or the stream ends.
async fn begin(bus: &Bus, since: DateTime<Utc>) -> Result<u64> {
    let last = bus.last_cursor(Stream::Events).await?;
    let (mut found, mut back) = (last, 1_024);
    while found > 0 {
        let cursor = last.saturating_sub(back);
        let mut reader = match read(bus, cursor, &["weft.events.>"]).await {
            Err(error) if error.reason() == "cursor_expired" => return oldest(bus, cursor, found).await,
            opened => opened?,
        };
        found = cursor;
        if reader.next().await?.is_none_or(|(_, event)| event.time < since) {
            return Ok(found);
        }
        back *= 4;
    }
    Ok(found)
}

/// The first cursor that can be read from: `gone` cannot, `kept` can.
async fn oldest(bus: &Bus, mut gone: u64, mut kept: u64) -> Result<u64> {
    while kept - gone > 1 {
        let middle = gone + (kept - gone) / 2;
        match read(bus, middle, &["weft.events.>"]).await {
            Err(error) if error.reason() == "cursor_expired" => gone = middle,
            Err(error) => return Err(error),
            Ok(_) => kept = middle,
        }
    }
    Ok(kept)
}

async fn read(bus: &Bus, after: u64, subjects: &[&str]) -> Result<Reader> {
    let filters = subjects.iter().map(|subject| (*subject).to_owned()).collect();
    bus.read_from(Stream::Events, Some(after), filters).await
}

fn apply(authority: &Authority, event: &Event) -> Result<()> {
    let revocations = authority.revocations();
    if event.subject.ends_with(".token.revoked") {
        let revoked: TokenRevoked = json::decode(&event.data)?;
        let at = revoked.at.as_ref().and_then(time).unwrap_or(event.time);
        revocations.token(id::parse("token_id", &revoked.token_id)?, at);
        return Ok(());
    }
    let revoked: SessionRevoked = json::decode(&event.data)?;
    let at = revoked.at.as_ref().and_then(time).unwrap_or(event.time);
    if revoked.session_id.is_empty() {
        revocations.user(id::parse("user_id", &revoked.user_id)?, at);
    } else {
        revocations.session(id::parse("session_id", &revoked.session_id)?, at);
    }
    Ok(())
}
