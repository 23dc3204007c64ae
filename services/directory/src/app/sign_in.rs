use weft_crypto::{SecretString, token};
use weft_domain::{Error, Result, id, id::SessionId};
use weft_proto::directory::v1::{LoginRequest, Tokens};
use weft_store::Tx;

use super::issue_tokens;
use crate::{
    directory::Directory,
    email,
    store::{people, people::Model, refresh_tokens, sessions, tenants},
};

/// Signs a person in by e-mail and password. Whatever is wrong, the answer and the work are the same.
pub(crate) async fn run(
    directory: &Directory,
    request: LoginRequest,
    address: Option<&str>,
) -> Result<Tokens> {
    let account = email::normalise(&request.email);
    directory.throttle.admit(&account, address).await?;
    let password = SecretString::from(request.password);
    let candidates = candidates(directory, &account, request.tenant.as_deref()).await?;
    let matching = matching(directory, candidates, &password).await?;
    let signed_in = match matching.as_slice() {
        [] => None,
        [person] => begin(directory, person).await?,
        _ => return Err(tenant_required()),
    };
    let Some(tokens) = signed_in else {
        metrics::counter!("weft_sign_in_total", "outcome" => "refused").increment(1);
        directory.throttle.failed(&account).await;
        return Err(Error::unauthenticated("invalid_credentials", "e-mail or password is wrong"));
    };
    metrics::counter!("weft_sign_in_total", "outcome" => "signed_in").increment(1);
    Ok(tokens)
}

async fn candidates(directory: &Directory, account: &str, tenant: Option<&str>) -> Result<Vec<Model>> {
    let Some(named) = tenant.filter(|name| !name.is_empty()) else {
        return people::with_email(&directory.store, account, None).await;
    };
    match tenants::find_named(&directory.store, named).await? {
        Some(found) => people::with_email(&directory.store, account, Some(found.id)).await,
        None => Ok(Vec::new()),
    }
}

/// Those whose password it is. A disabled person's is looked at like any other.
async fn matching(
    directory: &Directory,
    candidates: Vec<Model>,
    password: &SecretString,
) -> Result<Vec<Model>> {
    if candidates.is_empty() {
        directory.passwords.verify_dummy(password.clone()).await?;
    }
    let mut matching = Vec::new();
    for person in candidates {
        let is_right = directory.passwords.verify(password.clone(), person.password_hash.clone()).await?;
        if is_right && !person.disabled {
            matching.push(person);
        }
    }
    Ok(matching)
}

async fn begin(directory: &Directory, seen: &Model) -> Result<Option<Tokens>> {
    let (session, refresh) = (id::new(), token::random_secret());
    let first = &refresh;
    let scope = directory.scope(id::from_uuid(seen.tenant_id));
    let begun =
        scope.write(|tx| async move { begin_session(directory, &tx, seen, session, first).await }).await?;
    begun.map(|person| issue_tokens::for_session(directory, &person, session, &refresh)).transpose()
}

async fn begin_session(
    directory: &Directory,
    tx: &Tx,
    seen: &Model,
    session: SessionId,
    refresh: &SecretString,
) -> Result<Option<Model>> {
    let Some(person) = people::sign_in(tx, seen).await? else { return Ok(None) };
    let ends = tx.now() + directory.config.session_life();
    sessions::insert(tx, session, person.id, ends).await?;
    let idle = tx.now() + directory.config.refresh_idle();
    refresh_tokens::insert(tx, session.uuid(), refresh, idle.min(ends)).await?;
    Ok(Some(person))
}

fn tenant_required() -> Error {
    let words = "this e-mail address signs in to several tenants; say which one in `tenant`";
    Error::precondition("tenant_required", words).with_field("tenant")
}
