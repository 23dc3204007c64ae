use std::collections::BTreeSet;

use uuid::Uuid;
use weft_domain::{
    Error, ErrorCode, Result,
    conversation::{Mark, Priority, Status},
};
use weft_proto::{
    conversation::v1::{
        MergeConversationsRequest, Regrouping, conversation as api, holder::Cause, regrouping::Kind,
    },
    events::v1::MarkUpdated,
};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::regroup;
use crate::{
    Context,
    actor::{Actor, Writer},
    deliver, holders, lookup,
    notify::Notices,
    reply, show,
    store::{
        conversation_changes, conversations,
        entity::{conversation, regrouping},
        marks,
        regroupings::{self, Before},
        tags,
    },
};

/// Makes one conversation of two with the same contact. What it takes to undo it is kept.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<MergeConversationsRequest>,
) -> Result<Once<Regrouping>> {
    let kept = lookup::conversation(&call.message.id)?;
    let other = lookup::conversation(&call.message.other).map_err(unknown)?;
    if kept == other {
        let words = "a conversation is merged with another one, not with itself";
        return Err(Error::precondition("same_conversation", words));
    }
    let writer = &Writer::of(&call.principal);
    let merge = |tx: Tx| async move { Box::pin(apply(&tx, kept, other, writer)).await };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, merge).await
}

async fn apply(tx: &Tx, kept: Uuid, other: Uuid, writer: &Writer) -> Result<Regrouping> {
    conversations::get(tx, other).await.map_err(unknown)?;
    let (mut kept, mut other) = conversations::take_both(tx, kept, other).await?;
    may_be_one(&kept, &other)?;
    let (kept_before, other_before) = (kept.clone(), other.clone());
    let mut notices = Notices::default();
    conversations::keep_thread(tx, &kept).await?;
    conversations::keep_thread(tx, &other).await?;
    let messages = regroup::run(tx, &mut other, &mut kept, None).await?;
    let mut before = Before {
        status: other_before.status.clone(),
        snoozed_until: other_before.snoozed_until,
        archived_at: other_before.archived_at,
        kept_stand: Some(kept_before.stand()),
        ..join(&mut kept, &other_before)?
    };
    kept.holds_thread |= other_before.holds_thread && kept.stand() == other_before.stand();
    before.scheduled = regroup::lay_down(tx, &mut other, kept.id).await?;
    // of two that one thread leads to only one is live at a time
    conversations::save(tx, &other).await?;
    deliver::release_next(tx, &mut kept, &mut notices).await?;
    conversations::save(tx, &kept).await?;
    conversation_changes::note_one(tx, &kept_before.status, &kept).await?;
    tags::follow(tx, kept.id, &kept_before.tags, &kept.tags).await?;
    if before.assigned {
        let by = Actor::of(tx, writer).await?;
        holders::follow(tx, &kept_before, &kept, (Cause::Assigned, &by, None)).await?;
        notices.assigned(&kept_before, &kept, &by, ("", None));
    }
    for row in marks::hand_over(tx, other.id, kept.id).await? {
        let mark: Mark = show::stored(&row.mark)?;
        let event = MarkUpdated {
            conversation_id: show::conversation_id(kept.id),
            user_id: show::user_id(row.user_id),
            mark: api::Mark::from(mark).into(),
            removed: false,
        };
        tx.emit_event(&event.conversation_id.clone(), &event)?;
        before.marks.push((row.user_id, row.mark));
    }
    let row = regrouping::Model {
        tenant_id: tx.tenant().uuid(),
        id: Uuid::now_v7(),
        kind: Kind::Merge.as_str_name().to_owned(),
        conversation_id: kept.id,
        other_id: other.id,
        user_id: writer.user,
        message_count: i32::try_from(messages.len()).unwrap_or(i32::MAX),
        before,
        created_at: tx.now(),
        undone_at: None,
    };
    regroupings::insert(tx, &row, &messages).await?;
    let shown = regroup::tell(tx, &row, false).await?;
    notices.write(tx).await?;
    Ok(shown)
}

fn unknown(error: Error) -> Error {
    if error.code() != ErrorCode::NotFound {
        return error;
    }
    Error::invalid_field("other", "`other` must be the id of a conversation of this tenant")
}

/// Refuses what must not be one.
fn may_be_one(kept: &conversation::Model, other: &conversation::Model) -> Result<()> {
    reply::not_merged(kept)?;
    reply::not_merged(other).map_err(|error| error.with_field("other"))?;
    let status: Status = show::stored(&kept.status)?;
    if !status.is_live() {
        return Err(reply::ended(kept));
    }
    if kept.contact_id != other.contact_id {
        let words = "the two are with different contacts: if those are one person, merge the contacts first";
        return Err(Error::precondition("different_contacts", words));
    }
    let (here, there) = (kept.stand(), other.stand());
    let are_apart = here.channel_id == there.channel_id && here.thread_id != there.thread_id;
    if are_apart && (here.is_a_chat() || there.is_a_chat()) {
        let words = "these are two chats on one channel, and whoever is in one must not see the other: \
                     go on in one of them";
        return Err(Error::precondition("separate_chats", words));
    }
    Ok(())
}

/// Gives the conversation that stays what only the other had.
fn join(kept: &mut conversation::Model, other: &conversation::Model) -> Result<Before> {
    let mut before = Before::default();
    let status = |row: &conversation::Model| show::stored::<Status>(&row.status);
    if asks_more(status(other)?) > asks_more(status(kept)?) {
        kept.become_status(status(other)?);
        kept.snoozed_until = other.snoozed_until;
    }
    if other.archived_at.is_none() {
        kept.archived_at = None;
    }
    let urgency = |row: &conversation::Model| show::stored::<Priority>(&row.priority);
    if urgency(other)? > urgency(kept)? {
        before.priority = Some(std::mem::replace(&mut kept.priority, other.priority.clone()));
    }
    let mut all: BTreeSet<String> = kept.tags.0.iter().cloned().collect();
    before.tags = other.tags.0.iter().filter(|tag| all.insert((*tag).clone())).cloned().collect();
    kept.tags.0 = all.into_iter().collect();
    for (key, value) in &other.fields.0 {
        if !kept.fields.0.contains_key(key) {
            kept.fields.0.insert(key.clone(), value.clone());
            before.fields.push(key.clone());
        }
    }
    before.assigned =
        kept.assignee.is_none() && kept.team.is_none() && (other.assignee.is_some() || other.team.is_some());
    if before.assigned {
        (kept.assignee, kept.team) = (other.assignee, other.team);
    }
    let is_same_channel = kept.channel_id == other.channel_id;
    if is_same_channel {
        kept.contact_wrote_at = kept.contact_wrote_at.max(other.contact_wrote_at);
    }
    Ok(before)
}

/// How much a status asks of us.
fn asks_more(status: Status) -> u8 {
    match status {
        Status::Open => 4,
        Status::Pending => 3,
        Status::Snoozed => 2,
        Status::Resolved => 1,
        Status::Closed => 0,
    }
}
