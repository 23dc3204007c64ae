use std::time::Duration;

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;
use weft_auth::Authority;
use weft_bus::{Bus, Event, Stream};
use weft_domain::{Result, id};
use weft_proto::{
    convert::time,
    events::v1::{SessionRevoked, TokenRevoked},
    json,
};

use crate::{
    directory::Directory,
    store::{api_tokens, people, sessions},
};

const SESSIONS: &str = "weft.events.*.session.revoked";
const TOKENS: &str = "weft.events.*.token.revoked";
/// Longer than an access token and its leeway can live.
const RECALLED: TimeDelta = TimeDelta::minutes(15);
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Tells an authority what is taken back, as it happens, until `stop`. For any process of the fleet.
pub async fn watch_revocations(bus: Bus, authority: Authority, stop: CancellationToken) -> Result<()> {
    let now = bus.last_cursor(Stream::Events).await?;
    follow_revocations(bus, now, authority, stop).await;
    Ok(())
}

/// Tells an authority what was taken back after the cursor `after`, and then what is, until `stop`.
pub(crate) async fn follow_revocations(bus: Bus, after: u64, authority: Authority, stop: CancellationToken) {
    let mut cursor = after;
    while let Some(Err(error)) = stop.run_until_cancelled(follow(&bus, &mut cursor, &authority)).await {
        tracing::warn!(error = %error, "revocations are not heard; trying again");
        if error.reason() == "cursor_expired" {
            cursor = bus.last_cursor(Stream::Events).await.unwrap_or(cursor);
        }
        stop.run_until_cancelled(tokio::time::sleep(AFTER_FAILURE)).await;
    }
}

/// Ends well only when the bus is closed.
async fn follow(bus: &Bus, cursor: &mut u64, authority: &Authority) -> Result<()> {
    let filters = vec![SESSIONS.to_owned(), TOKENS.to_owned()];
    let mut reader = bus.read_from(Stream::Events, Some(*cursor), filters).await?;
    while let Some((position, event)) = reader.next().await? {
        if let Err(error) = apply(authority, &event) {
            tracing::error!(event.id = event.id, error = %error, "a revocation could not be read");
        }
        *cursor = position;
    }
    Ok(())
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

/// Tells the authority what was taken back shortly before this process started.
pub(crate) async fn recall_revocations(directory: &Directory) -> Result<()> {
    let since = directory.now() - RECALLED;
    let revocations = directory.authority.revocations();
    for session in sessions::ended_since(&directory.store, since).await? {
        revocations.session(session.session_id(), session.ended_at.unwrap_or(since));
    }
    for person in people::ended_since(&directory.store, since).await? {
        revocations.user(person.user_id(), person.sessions_ended_at.unwrap_or(since));
    }
    for token in api_tokens::revoked_since(&directory.store, since).await? {
        revocations.token(token.token_id(), token.revoked_at.unwrap_or(since));
    }
    Ok(())
}
