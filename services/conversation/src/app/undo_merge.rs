use weft_domain::{Error, Result};
use weft_proto::conversation::v1::{Merge, UndoMergeRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::merge_contacts::tell;
use crate::{
    Context, lookup, show,
    store::{contacts, entity::contact_merge, merges, suggestions},
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
    let conversations = merges::hand_over_conversations(tx, kept.id, other.id, its).await?;
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
    other.merged_into = None;
    kept.updated_at = tx.now();
    other.updated_at = tx.now();
    merges::set_undone(tx, merge.id, tx.now()).await?;
    suggestions::decide(tx, kept.id, other.id, suggestions::DISMISSED).await?;
    tell(tx, [&kept, &other], &conversations).await?;
    Ok(contact_merge::Model { undone_at: Some(tx.now()), ..merge })
}
