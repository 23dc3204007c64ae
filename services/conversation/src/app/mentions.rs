use std::collections::HashSet;

use uuid::Uuid;
use weft_domain::{Error, Result, TenantId, id};
use weft_proto::conversation::v1::SendMessageRequest;

use super::look_again;
use crate::{Context, show, store::people};

/// So many people one note names.
const MOST: usize = 50;

/// Whom of ours a note names, each once, in the order in which they are named. They are told of it, so they must be there.
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
    let (scope, ids) = (context.store.tenant(tenant), &named.iter().copied().collect::<HashSet<Uuid>>());
    let all = |tx| async move {
        let known = people::people(&tx, ids.clone()).await?;
        Ok((known.len() == ids.len()).then_some(known))
    };
    let known = match look_again::run(&scope, all).await? {
        Some(known) => known,
        None => scope.read(|tx| async move { people::people(&tx, ids.clone()).await }).await?,
    };
    for user in &named {
        match known.get(user) {
            None => return Err(unknown(given, *user, "is no user of this tenant")),
            Some(person) if person.disabled => return Err(unknown(given, *user, "is disabled")),
            Some(_) => {}
        }
    }
    Ok(named)
}

fn unknown(given: &[String], user: Uuid, why: &str) -> Error {
    let id = show::user_id(user);
    let index = given.iter().position(|text| *text == id).unwrap_or_default();
    Error::invalid("unknown_user", format!("`{id}` {why}")).with_field(&format!("mentions[{index}]"))
}
