use weft_domain::{
    Result,
    conversation::{Mark, Status},
};
use weft_proto::{
    conversation::v1::{
        Regrouping, UndoRegroupingRequest, conversation as api, holder::Cause, regrouping::Kind,
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
        conversations,
        entity::{conversation, regrouping},
        lines, marks,
        regroupings::{self, Before},
        scheduled, tags,
    },
    threads,
};

/// Undoes a merge or a split. One that was undone before stays so.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<UndoRegroupingRequest>,
) -> Result<Once<Regrouping>> {
    let id = lookup::regrouping(&call.message.id)?;
    let writer = &Writer::of(&call.principal);
    let undo = |tx: Tx| async move {
        let seen = regroupings::get(&tx, id).await?;
        let (conversation, other) =
            conversations::take_both(&tx, seen.conversation_id, seen.other_id).await?;
        // somebody may have undone it while we waited for our turn
        let row = regroupings::get(&tx, id).await?;
        if row.undone_at.is_some() {
            return show::regrouping(&tx, &row).await;
        }
        if row.kind == Kind::Merge.as_str_name() {
            Box::pin(part(&tx, &row, conversation, other, writer)).await?;
        } else {
            Box::pin(bring_back(&tx, conversation, other)).await?;
        }
        let row = regrouping::Model { undone_at: Some(tx.now()), ..row };
        regroupings::set_undone(&tx, &row).await?;
        regroup::tell(&tx, &row, false).await
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, undo).await
}

/// Undoes a merge: the other is there again with what came from it.
async fn part(
    tx: &Tx,
    row: &regrouping::Model,
    mut kept: conversation::Model,
    mut other: conversation::Model,
    writer: &Writer,
) -> Result<()> {
    if kept.merged_into.is_some() {
        return Err(regroup::regrouped_since(&kept, regroupings::last_of(tx, kept.id).await?.as_ref()));
    }
    let kept_before = kept.clone();
    let before = &row.before;
    let mut notices = Notices::default();
    let mut its = regroupings::messages_of(tx, row.id).await?;
    let has_own_channel = before.kept_stand.as_ref().is_some_and(|kept| kept.channel_id != other.channel_id);
    if has_own_channel {
        let limit = u64::try_from(regroup::MOST).unwrap_or(u64::MAX);
        let since = lines::by_channel_since(tx, kept.id, other.channel_id, row.created_at, limit).await?;
        its.extend(since.into_iter().map(|line| line.id));
    }
    regroup::run(tx, &mut kept, &mut other, Some(&its)).await?;
    give_back(tx, &mut kept, &other, before);
    let status: Status = show::stored(&before.status)?;
    other.become_status(status);
    other.snoozed_until = before.snoozed_until;
    other.archived_at = before.archived_at;
    other.merged_into = None;
    // before the one that stays lets go of its thread, the other is not live
    let is_live = status.is_live();
    other.holds_thread = false;
    conversations::save(tx, &other).await?;
    stand_apart(tx, &mut kept, before).await?;
    deliver::release_next(tx, &mut kept, &mut notices).await?;
    conversations::save(tx, &kept).await?;
    if is_live {
        deliver::release_next(tx, &mut other, &mut notices).await?;
        let is_held = conversations::take_live_of(tx, other.channel_id, &other.thread_id).await?.is_some();
        other.holds_thread = !is_held;
        conversations::save(tx, &other).await?;
    }
    tags::follow(tx, kept.id, &kept_before.tags, &kept.tags).await?;
    let by = Actor::of(tx, writer).await?;
    holders::follow(tx, &kept_before, &kept, (Cause::Assigned, &by, None)).await?;
    scheduled::hand_over(tx, kept.id, other.id, Some(&before.scheduled)).await?;
    for (user, mark) in &before.marks {
        let mark: Mark = show::stored(mark)?;
        if marks::take(tx, *user, kept.id, mark).await? {
            let event = MarkUpdated {
                conversation_id: show::conversation_id(kept.id),
                user_id: show::user_id(*user),
                mark: api::Mark::from(mark).into(),
                removed: true,
            };
            tx.emit_event(&event.conversation_id.clone(), &event)?;
        }
    }
    notices.write(tx).await
}

/// Takes away again what only the other had; what somebody changed since stays.
fn give_back(tx: &Tx, kept: &mut conversation::Model, other: &conversation::Model, before: &Before) {
    kept.tags.0.retain(|tag| !before.tags.contains(tag));
    for key in &before.fields {
        if kept.fields.0.get(key) == other.fields.0.get(key) {
            kept.fields.0.remove(key);
        }
    }
    if let Some(priority) = before.priority.as_ref().filter(|_| kept.priority == other.priority) {
        kept.priority.clone_from(priority);
    }
    if before.assigned && (kept.assignee, kept.team) == (other.assignee, other.team) {
        (kept.assignee, kept.team) = (None, None);
    }
    kept.updated_at = tx.now();
}

/// What is answered in a thread that does not lead to it any more is answered again where it was before the merge.
async fn stand_apart(tx: &Tx, kept: &mut conversation::Model, before: &Before) -> Result<()> {
    let led = conversations::led_by(tx, kept.channel_id, &kept.thread_id).await?;
    if let Some(own) = before.kept_stand.clone().filter(|_| led.is_some_and(|led| led.id != kept.id)) {
        kept.stand_at(own);
    }
    Ok(())
}

/// Undoes a split: what was split off, and what was written there since, comes back.
async fn bring_back(tx: &Tx, mut source: conversation::Model, mut new: conversation::Model) -> Result<()> {
    for row in [&source, &new] {
        if row.merged_into.is_some() {
            return Err(regroup::regrouped_since(row, regroupings::last_of(tx, row.id).await?.as_ref()));
        }
    }
    let status: Status = show::stored(&source.status)?;
    if !status.is_live() {
        return Err(reply::ended(&source));
    }
    let mut notices = Notices::default();
    let held = new.holds_thread && new.stand() == source.stand();
    regroup::run(tx, &mut new, &mut source, None).await?;
    regroup::lay_down(tx, &mut new, source.id).await?;
    conversations::save(tx, &new).await?;
    if held {
        threads::take(tx, &mut source).await?;
    }
    deliver::release_next(tx, &mut source, &mut notices).await?;
    conversations::save(tx, &source).await?;
    notices.write(tx).await
}
