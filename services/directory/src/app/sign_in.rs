use weft_crypto::{SecretString, token};
use weft_domain::{Error, Result, id, id::SessionId};
use weft_proto::{
    Intent,
    compliance::v1::{
        AuditRecord,
        audit_record::{Outcome, Personal},
    },
    directory::v1::{LoginRequest, Tokens},
};
use weft_rpc::Anybody;
use weft_store::{Tx, installation};

use super::issue_tokens;
use crate::{
    directory::Directory,
    email, metering,
    store::{people, people::Model, refresh_tokens, sessions, tenants},
};

/// Signs a person in by e-mail and password. Whatever is wrong, the answer and the work are the same.
pub(crate) async fn run(directory: &Directory, call: Anybody<LoginRequest>) -> Result<Tokens> {
    let Anybody { message: request, address, intent } = call;
    let account = email::normalise(&request.email);
    directory.throttle.admit(&account, address.as_deref()).await?;
    let password = SecretString::from(request.password);
    let candidates = candidates(directory, &account, request.tenant.as_deref()).await?;
    let matching = matching(directory, &candidates, &password).await?;
    let signed_in = match matching.as_slice() {
        [] => None,
        [person] => begin(directory, person, &intent).await?,
        _ => return Err(tenant_required()),
    };
    let Some(tokens) = signed_in else {
        metering::sign_ins("refused", 1);
        directory.throttle.failed(&account).await;
        tell_refused(directory, &candidates, &account, &intent).await?;
        return Err(Error::unauthenticated("invalid_credentials", "e-mail or password is wrong"));
    };
    metering::sign_ins("signed_in", 1);
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
async fn matching<'a>(
    directory: &Directory,
    candidates: &'a [Model],
    password: &SecretString,
) -> Result<Vec<&'a Model>> {
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

async fn begin(directory: &Directory, seen: &Model, intent: &Intent) -> Result<Option<Tokens>> {
    let (session, refresh) = (id::new(), token::random_secret());
    let first = &refresh;
    let scope = directory.scope(id::from_uuid(seen.tenant_id));
    let told = &of_somebody(intent, seen, |audit| audit.session = session.to_string());
    let begun = scope
        .write(|tx| async move {
            let begun = begin_session(directory, &tx, seen, session, first).await?;
            if begun.is_some() {
                tx.audit(told)?;
            }
            Ok(begun)
        })
        .await?;
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

/// An attempt that failed belongs into the log of each tenant whose account it was tried on; one on nobody's account into
/// that of the installation.
async fn tell_refused(
    directory: &Directory,
    candidates: &[Model],
    account: &str,
    intent: &Intent,
) -> Result<()> {
    for person in candidates {
        let told = &of_somebody(intent, person, refuse);
        let scope = directory.scope(id::from_uuid(person.tenant_id));
        scope.write(|tx| async move { tx.audit(told) }).await?;
    }
    if !candidates.is_empty() {
        return Ok(());
    }
    let mut unknown = intent.clone();
    if let Some(audit) = &mut unknown.audit {
        refuse(audit);
        audit.personal.push(Personal { name: "email".to_owned(), value: account.to_owned() });
    }
    let told = &unknown;
    directory.scope(installation()).write(|tx| async move { tx.audit(told) }).await
}

fn of_somebody(intent: &Intent, person: &Model, how: impl FnOnce(&mut AuditRecord)) -> Intent {
    let mut told = intent.clone();
    if let Some(audit) = &mut told.audit {
        audit.user = person.user_id().to_string();
        audit.actor.clone_from(&audit.user);
        how(audit);
    }
    told
}

fn refuse(audit: &mut AuditRecord) {
    "nobody".clone_into(&mut audit.actor);
    audit.outcome = Outcome::Refused.into();
    audit.reason = "invalid_credentials".to_owned();
}

fn tenant_required() -> Error {
    let words = "this e-mail address signs in to several tenants; say which one in `tenant`";
    Error::precondition("tenant_required", words).with_field("tenant")
}
