use weft_auth::{Principal, Subject};
use weft_crypto::SecretString;
use weft_domain::{Error, Result, id::SessionId};
use weft_proto::{Intent, directory::v1::LogoutRequest};
use weft_store::Once;

use crate::{
    directory::Directory,
    store::{refresh_tokens, sessions},
};

/// Ends the session of the refresh token given, or that of the caller. Ending it twice is no error.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: LogoutRequest,
    intent: &Intent,
) -> Result<Once<()>> {
    let session = match request.refresh_token.filter(|token| !token.is_empty()) {
        Some(token) => session_of(directory, caller, token.into()).await?,
        None => own_session(caller)?,
    };
    let person = caller.user();
    let scope = directory.scope(caller.tenant);
    scope
        .write_once(intent, |tx| async move {
            tx.touch(session);
            sessions::end(&tx, session, person, "signed_out").await
        })
        .await
}

async fn session_of(directory: &Directory, caller: &Principal, token: SecretString) -> Result<SessionId> {
    let (refresh, person) = (&token, caller.user());
    let scope = directory.scope(caller.tenant);
    let found = scope
        .read(|tx| async move {
            let Some(row) = refresh_tokens::find(&tx, refresh).await? else { return Ok(None) };
            sessions::find_of(&tx, row.session_id, person).await
        })
        .await?;
    found.map(|session| session.session_id()).ok_or_else(|| {
        Error::invalid("invalid_refresh_token", "this is not one of your refresh tokens")
            .with_field("refresh_token")
    })
}

fn own_session(caller: &Principal) -> Result<SessionId> {
    match caller.subject {
        Subject::User(_, session) => Ok(session),
        Subject::Token(..) => {
            Err(Error::precondition("no_session", "an API token has no session; revoke the token instead"))
        }
    }
}
