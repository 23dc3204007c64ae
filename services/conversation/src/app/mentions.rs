use std::{collections::HashSet, time::Duration};

use uuid::Uuid;
use weft_domain::{Error, Result, TenantId, id};
use weft_proto::conversation::v1::SendMessageRequest;

use crate::{Context, show, store::people};

/// So many people one note names.
const MOST: usize = 50;

/// Whom of ours a note names, each once, in the order in which they are named. They are told of it, so they must be there. One
/// made this very moment may not have reached us yet, so the look is repeated for a second.
pub(super) async fn read(
    context: &Context,
    tenant: TenantId,
    request: &SendMessageRequest,
) -> Result<Vec<Uuid>> {
    let given = &request.mentions;
    if given.is_empty() {
        return Ok(Vec::new());
    }
    if !request.internal {
        let words = "only a note names people of ours: the contact would read it; set `internal`";
        return Err(Error::invalid_field("mentions", words));
    }
    if given.len() > MOST {
        return Err(Error::invalid_field("mentions", format!("a note names at most {MOST} people")));
    }
    let mut named = Vec::with_capacity(given.len());
    for (index, text) in given.iter().enumerate() {
        let user = id::parse::<id::User>(&format!("mentions[{index}]"), text)?.uuid();
        if !named.contains(&user) {
            named.push(user);
        }
    }
    let scope = context.store.tenant(tenant);
    for attempt in 0..10 {
        let ids: HashSet<Uuid> = named.iter().copied().collect();
        let known = scope.read(|tx| async move { people::people(&tx, ids).await }).await?;
        if let Some(disabled) = named.iter().find(|user| known.get(user).is_some_and(|one| one.disabled)) {
            return Err(unknown(given, *disabled, "is disabled"));
        }
        match named.iter().find(|user| !known.contains_key(user)) {
            None => break,
            Some(stranger) if attempt == 9 => {
                return Err(unknown(given, *stranger, "is no user of this tenant"));
            }
            Some(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    Ok(named)
}

fn unknown(given: &[String], user: Uuid, why: &str) -> Error {
    let id = show::user_id(user);
    let index = given.iter().position(|text| *text == id).unwrap_or_default();
    Error::invalid("unknown_user", format!("`{id}` {why}")).with_field(&format!("mentions[{index}]"))
}
