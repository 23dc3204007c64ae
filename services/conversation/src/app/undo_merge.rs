use uuid::Uuid;
use weft_domain::{Error, Result, conversation::Status};
use weft_proto::conversation::v1::{Merge, UndoMergeRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::{merge_contacts::tell, place};
use crate::{
    Context, events, lookup, show,
    store::{
        contact_notes, contacts, conversations,
        entity::{contact, contact_merge, conversation},
        merges, regroupings, suggestions,
    },
};

/// Undoes a merge: what came from the other contact is its own again, and what was begun through its identities since. One that
/// was undone before stays so.
pub(crate) async fn run(context: &Context, call: Accepted<UndoMergeRequest>) -> Result<Once<Merge>> {
    let id = lookup::merge(&call.message.id)?;
    let undo = |tx: Tx| async move {
        let merge = merges::get(&tx, id).await?;
        let merge = if merge.undone_at.is_some() { merge } else { apply(&tx, merge).await? };
        show::merge(&tx, &merge).await
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, undo).await
}

async fn apply(tx: &Tx, merge: contact_merge::Model) -> Result<contact_merge::Model> {
    let mut kept = contacts::take(tx, merge.contact_id).await?;
    if kept.merged_into.is_some() {
        let later = merges::last_of(tx, kept.id).await?.map(|later| show::merge_id(later.id));
        let words =
            format!("the contact was merged itself since then: undo {} first", later.unwrap_or_default());
        return Err(Error::precondition("contact_merged", words));
    }
    let mut other = contacts::take(tx, merge.other_id).await?;
    let own = (!merge.moved.identities.is_empty()).then_some(merge.moved.identities.as_slice());
    if own.is_some() {
        merges::hand_over_identities(tx, kept.id, other.id, own).await?;
    }
    let its = merges::of_the_other(tx, &merge);
    let mut conversations = merges::hand_over_conversations(tx, kept.id, other.id, its).await?;
    stay_whole(tx, [kept.id, other.id]).await?;
    let notes = contact_notes::hand_over(tx, kept.id, other.id, Some(&merge.moved.notes)).await?;
    let put_back = part(tx, [&kept, &other]).await?;
    conversations.retain(|row| put_back.iter().all(|one| one.id != row.id));
    conversations.extend(put_back);
    let taken = [
        (merge.moved.email, &mut kept.email, &other.email),
        (merge.moved.phone, &mut kept.phone, &other.phone),
        (merge.moved.language, &mut kept.language, &other.language),
    ];
    for (was_taken, field, from) in taken {
        // what somebody wrote there since stays
        if was_taken && field == from {
            *field = None;
        }
    }
    for key in &merge.moved.fields {
        if kept.fields.0.get(key) == other.fields.0.get(key) {
            kept.fields.0.remove(key);
        }
    }
    kept.tags.0.retain(|tag| !merge.moved.tags.contains(tag));
    if merge.moved.blocked && kept.blocked_at == other.blocked_at {
        kept.blocked_at = None;
    }
    other.merged_into = None;
    kept.updated_at = tx.now();
    other.updated_at = tx.now();
    merges::set_undone(tx, merge.id, tx.now()).await?;
    suggestions::decide(tx, kept.id, other.id, suggestions::DISMISSED).await?;
    tell(tx, [&kept, &other], &conversations).await?;
    notes.iter().try_for_each(|note| events::contact_note_updated(tx, note, false))?;
    Ok(contact_merge::Model { undone_at: Some(tx.now()), ..merge })
}

/// Refuses to part people whose conversations are one: nobody must find the other's words in theirs.
async fn stay_whole(tx: &Tx, both: [Uuid; 2]) -> Result<()> {
    let Some(torn) = conversations::torn(tx, both).await? else { return Ok(()) };
    let merge = regroupings::last_of(tx, torn).await?.map(|merge| show::regrouping_id(merge.id));
    let words = format!(
        "{} became part of a conversation of the other person: undo {} first",
        show::conversation_id(torn),
        merge.unwrap_or_default()
    );
    Err(Error::precondition("conversations_merged", words))
}

/// Sees to it that no conversation is answered at the other person, and gives back those that were put right: one may have been
/// moved there while the two were one.
async fn part(tx: &Tx, both: [&contact::Model; 2]) -> Result<Vec<conversation::Model>> {
    let mut put_back = Vec::new();
    for mut row in conversations::spanning(tx, both.map(|contact| contact.id)).await? {
        let there = contacts::identity_of_thread(tx, row.channel_id, row.party_id()).await?;
        if there.is_none_or(|identity| identity.contact_id == row.contact_id) {
            continue;
        }
        let status: Status = show::stored(&row.status)?;
        if status.is_live() {
            let id = show::conversation_id(row.id);
            let words =
                format!("{id} goes on at the other person: move it to another channel, or close it first");
            return Err(Error::conflict("conversation_open_there", words));
        }
        let own = contacts::identities(tx, vec![row.contact_id]).await?;
        let owner = both.into_iter().find(|contact| contact.id == row.contact_id);
        if let (Some(identity), Some(owner)) = (own.last(), owner) {
            place::place(owner, identity).take_over(&mut row);
            row.updated_at = tx.now();
            conversations::save(tx, &row).await?;
            put_back.push(row);
        }
    }
    Ok(put_back)
}
