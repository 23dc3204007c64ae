use chrono::{DateTime, TimeDelta, Utc};
use weft_auth::Principal;
use weft_crypto::{ExposeSecret, token};
use weft_domain::{Error, Result, id, permission};
use weft_proto::{
    Intent,
    convert::time,
    directory::v1::{ApiToken, CreateApiTokenRequest},
};
use weft_store::Once;

use super::exchange_api_token::KIND;
use crate::{
    directory::Directory,
    store::{api_tokens, api_tokens::NewApiToken},
};

const USUAL_LIFE: TimeDelta = TimeDelta::days(90);
const LONGEST_LIFE: TimeDelta = TimeDelta::days(366);

/// Creates a token that may do at most what its creator may do now. Its secret is in this answer alone: a repeated call
/// gets the answer without it, since it is kept nowhere.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: CreateApiTokenRequest,
    intent: &Intent,
) -> Result<Once<ApiToken>> {
    let permissions = permissions(caller, request.permissions)?;
    let expires = request.expires_at.as_ref().map(|given| time(given).ok_or_else(wrong_time)).transpose()?;
    let expires_at = expiry(directory.now(), expires)?;
    let secret = token::generate(KIND);
    let new = NewApiToken {
        id: id::new(),
        name: request.name.trim(),
        hash: secret.hash(),
        permissions: &permissions,
        created_by: caller.user().uuid(),
        expires_at,
    };
    let row = &new;
    let scope = directory.scope(caller.tenant);
    let mut once = scope.write_once(intent, |tx| async move { api_tokens::insert(&tx, row).await }).await?;
    if !once.replayed {
        once.value.token = Some(secret.expose_secret().to_owned());
    }
    Ok(once)
}

fn permissions(caller: &Principal, asked: Vec<String>) -> Result<Vec<String>> {
    if asked.is_empty() {
        return Ok(caller.permissions().into_iter().map(str::to_owned).collect());
    }
    if asked.len() > permission::CATALOGUE.len() {
        return Err(Error::invalid_field("permissions", "name each permission once"));
    }
    for (index, name) in asked.iter().enumerate() {
        if permission::find(name).is_none() {
            let words = format!("there is no permission `{name}`");
            return Err(Error::invalid_field(&format!("permissions[{index}]"), words));
        }
        caller.require(name)?;
    }
    let mut distinct = asked;
    distinct.sort_unstable();
    distinct.dedup();
    Ok(distinct)
}

fn expiry(now: DateTime<Utc>, asked: Option<DateTime<Utc>>) -> Result<DateTime<Utc>> {
    let Some(expires_at) = asked else { return Ok(now + USUAL_LIFE) };
    if expires_at > now && expires_at <= now + LONGEST_LIFE {
        return Ok(expires_at);
    }
    Err(wrong_time())
}

fn wrong_time() -> Error {
    Error::invalid_field("expires_at", "`expires_at` must be in the future, and at most a year from now")
}
