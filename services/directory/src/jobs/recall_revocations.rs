use chrono::TimeDelta;
use weft_domain::Result;

use crate::{
    directory::Directory,
    store::{api_tokens, people, sessions},
};

/// Longer than an access token and its leeway can live.
const RECALLED: TimeDelta = TimeDelta::minutes(15);

/// Tells the authority what was taken back shortly before this process started.
pub(crate) async fn run(directory: &Directory) -> Result<()> {
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
