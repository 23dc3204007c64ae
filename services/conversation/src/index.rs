//! What messages and contacts are found by follows their rows.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;
use weft_domain::{Result, TenantId};
use weft_store::Tx;

use crate::{
    Context,
    search::{self, Entry},
    store::{
        contacts, conversations,
        entity::message,
        messages,
        search::{self as entries, Kind},
    },
};

/// Makes these things findable as they are now, and those that are gone not any more. Whoever is told of every change does
/// not mind one at this very moment; whoever is not has them `held`, so that what is deleted now is not made findable after that.
pub(crate) async fn follow(
    context: &Context,
    tenant: TenantId,
    kind: Kind,
    ids: &HashSet<Uuid>,
    held: bool,
) -> Result<()> {
    let follow = |tx: Tx| async move {
        let found = match kind {
            Kind::Message => of_messages(&tx, ids, held).await?,
            Kind::Contact => of_contacts(&tx, ids, held).await?,
        };
        let kept: HashSet<Uuid> = found.iter().map(|entry| entry.id).collect();
        entries::remove(&tx, ids.difference(&kept).copied().collect()).await?;
        entries::put(&tx, found).await
    };
    context.store.tenant(tenant).write(follow).await
}

async fn of_messages(tx: &Tx, ids: &HashSet<Uuid>, held: bool) -> Result<Vec<Entry>> {
    let ids = ids.iter().copied().collect();
    let rows = match held {
        true => messages::hold(tx, ids).await?,
        false => messages::by_ids(tx, ids).await?.into_values().collect(),
    };
    let spoken = languages(tx, &rows).await?;
    let entries = rows
        .iter()
        .filter_map(|row| search::of_message(row, spoken.get(&row.conversation_id).map(String::as_str)));
    Ok(entries.collect())
}

/// What the contacts of these messages speak, by conversation.
pub(crate) async fn languages(tx: &Tx, rows: &[message::Model]) -> Result<HashMap<Uuid, String>> {
    let conversations = rows.iter().map(|row| row.conversation_id).collect();
    let conversations = conversations::by_ids(tx, &conversations).await?;
    let of: HashSet<Uuid> = conversations.iter().map(|row| row.contact_id).collect();
    let people = contacts::by_ids(tx, of.into_iter().collect()).await?;
    let spoken = conversations.iter().filter_map(|row| {
        let language = people.get(&row.contact_id)?.language.clone()?;
        Some((row.id, language))
    });
    Ok(spoken.collect())
}

async fn of_contacts(tx: &Tx, ids: &HashSet<Uuid>, held: bool) -> Result<Vec<Entry>> {
    let ids = ids.iter().copied().collect();
    let rows = match held {
        true => contacts::read_held(tx, ids).await?,
        false => contacts::by_ids(tx, ids).await?.into_values().collect(),
    };
    let identities = contacts::identities(tx, rows.iter().map(|row| row.id).collect()).await?;
    Ok(rows.iter().filter_map(|row| search::of_contact(row, &identities)).collect())
}
