use sea_orm::Condition;
use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result};
use weft_proto::conversation::v1::{Merge, MergeContactsRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::update_contact::merged;
use crate::{
    Context, events, lookup, show,
    show::Surroundings,
    store::{
        addresses, contact_notes, contact_tags, contacts,
        entity::{contact, contact_merge, conversation},
        merges::{self, Moved},
        suggestions,
    },
};

/// Conversations that are told about in one go.
const CHUNK: usize = 200;

/// Makes one contact of two. What it takes to undo it is kept.
pub(crate) async fn run(context: &Context, call: Accepted<MergeContactsRequest>) -> Result<Once<Merge>> {
    let kept = lookup::contact(&call.message.id)?;
    let other = lookup::contact(&call.message.other).map_err(unknown)?;
    if kept == other {
        return Err(Error::precondition(
            "same_contact",
            "a contact is merged with another one, not with itself",
        ));
    }
    let user = call.principal.user().uuid();
    let merge = |tx: Tx| async move { apply(&tx, kept, other, user).await };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, merge).await
}

async fn apply(tx: &Tx, kept: Uuid, other: Uuid, user: Uuid) -> Result<Merge> {
    contacts::get(tx, kept).await?;
    contacts::get(tx, other).await.map_err(unknown)?;
    let (mut kept, mut other) = take_both(tx, kept, other).await?;
    if let Some(into) = kept.merged_into.or(other.merged_into) {
        return Err(merged(into));
    }
    if kept.is_group || other.is_group {
        return Err(Error::precondition("contact_is_group", "a group is not a person: it cannot be merged"));
    }
    let identities = merges::hand_over_identities(tx, other.id, kept.id, None).await?;
    let conversations = merges::hand_over_conversations(tx, other.id, kept.id, Condition::all()).await?;
    let notes = contact_notes::hand_over(tx, other.id, kept.id, None).await?;
    let moved = Moved {
        identities,
        conversations: conversations.iter().map(|row| row.id).collect(),
        email: fill(&mut kept.email, other.email.as_ref()),
        phone: fill(&mut kept.phone, other.phone.as_ref()),
        language: fill(&mut kept.language, other.language.as_ref()),
        tags: join_tags(&mut kept, &other),
        blocked: fill(&mut kept.blocked_at, other.blocked_at.as_ref()),
        fields: fill_fields(&mut kept, &other),
        notes: notes.iter().map(|note| note.id).collect(),
    };
    kept.updated_at = tx.now();
    other.updated_at = tx.now();
    other.merged_into = Some(kept.id);
    let merge = contact_merge::Model {
        tenant_id: tx.tenant().uuid(),
        id: Uuid::now_v7(),
        contact_id: kept.id,
        other_id: other.id,
        user_id: user,
        moved,
        created_at: tx.now(),
        undone_at: None,
    };
    merges::insert(tx, &merge).await?;
    suggestions::decide(tx, kept.id, other.id, suggestions::MERGED).await?;
    suggestions::forget(tx, other.id).await?;
    tell(tx, [&other, &kept], &conversations).await?;
    notes.iter().try_for_each(|note| events::contact_note_updated(tx, note, false))?;
    show::merge(tx, &merge).await
}

fn unknown(error: Error) -> Error {
    if error.code() != ErrorCode::NotFound {
        return error;
    }
    Error::invalid_field("other", "`other` must be the id of a contact of this tenant")
}

/// Both contacts, their turns taken in the order of their ids.
async fn take_both(tx: &Tx, kept: Uuid, other: Uuid) -> Result<(contact::Model, contact::Model)> {
    let (first, second) = if kept < other { (kept, other) } else { (other, kept) };
    let (first, second) = (contacts::take(tx, first).await?, contacts::take(tx, second).await?);
    Ok(if first.id == kept { (first, second) } else { (second, first) })
}

/// Gives the contact that stays the other's tags, however many they are together; those that it did not have are given back.
fn join_tags(kept: &mut contact::Model, other: &contact::Model) -> Vec<String> {
    let new: Vec<String> = other.tags.0.iter().filter(|tag| !kept.tags.0.contains(tag)).cloned().collect();
    kept.tags.0.extend(new.iter().cloned());
    kept.tags.0.sort_unstable();
    new
}

/// Gives the contact that stays what the other's custom fields say and its own do not, however much it is together.
fn fill_fields(kept: &mut contact::Model, other: &contact::Model) -> Vec<String> {
    let mut new = Vec::new();
    for (key, value) in &other.fields.0 {
        if !kept.fields.0.contains_key(key) {
            kept.fields.0.insert(key.clone(), value.clone());
            new.push(key.clone());
        }
    }
    new
}

fn fill<T: Clone>(field: &mut Option<T>, from: Option<&T>) -> bool {
    let fills = field.is_none() && from.is_some();
    if fills {
        *field = from.cloned();
    }
    fills
}

/// Keeps both contacts as they are now, and tells everybody about them and their conversations.
pub(super) async fn tell(
    tx: &Tx,
    both: [&contact::Model; 2],
    conversations: &[conversation::Model],
) -> Result<()> {
    for row in both {
        contacts::save(tx, row).await?;
        addresses::replace(tx, row).await?;
        contact_tags::follow(tx, &[row]).await?;
        events::contact_updated(tx, row).await?;
    }
    for rows in conversations.chunks(CHUNK) {
        let surroundings = Surroundings::load(tx, rows).await?;
        rows.iter().try_for_each(|row| events::conversation_updated(tx, row, &surroundings))?;
    }
    Ok(())
}
