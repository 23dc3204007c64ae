//! Events become figures: a batch of one tenant in one transaction. Repeated ones add nothing: a message is counted when its
//! row is new, a conversation when it is newer.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use crate::{
    change::{Change, MessageSeen},
    durations::Durations,
    figure::Figure,
    slot,
    store::{entity::message, messages, names, rollups, threads},
    tally::{Place, Tally},
    thread,
};

/// Where the figures go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) generation: i64,
    /// Figures of earlier slots are there already.
    pub(crate) since: Option<i64>,
    pub(crate) durations: &'a Durations,
}

/// Counts events, in their order.
pub(crate) async fn apply(tx: &Tx, target: Target<'_>, changes: &[Change]) -> Result<()> {
    names::put_all(tx, changes).await?;
    let ids: BTreeSet<Uuid> = changes.iter().filter_map(conversation_of).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let mut threads = threads::find_or_create(tx, target.generation, ids).await?;
    let before = threads.clone();
    let messages = seen(tx, target.generation, changes);
    let mut fresh = messages::insert_new(tx, messages.values().cloned().collect()).await?;
    let flagged = flagged(tx, &messages, &fresh).await?;

    let mut tally = Tally::new(target.durations, target.since);
    for change in changes {
        let Some(thread) = conversation_of(change).and_then(|id| threads.get_mut(&id)) else { continue };
        match change {
            Change::Message(message) if fresh.remove(&message.id) => {
                thread::note_message(thread, message, &mut tally);
            }
            Change::Conversation(seen) => thread::note_change(thread, seen, &mut tally),
            _ => {}
        }
    }
    for (message, figure) in flagged {
        let channel =
            threads.get(&message.conversation_id).map(|thread| thread.channel_id).unwrap_or_default();
        tally.count(Place { slot: message.slot, channel, agent: message.agent_id }, figure);
    }
    let changed = threads.into_iter().filter(|(id, row)| before.get(id) != Some(row)).map(|(_, row)| row);
    threads::save_all(tx, changed.collect()).await?;
    rollups::add(tx, target.generation, tally.sums).await
}

fn conversation_of(change: &Change) -> Option<Uuid> {
    match change {
        Change::Message(message) => Some(message.conversation),
        Change::Conversation(conversation) => Some(conversation.id),
        Change::Channel(_) | Change::Person(_) | Change::Nothing => None,
    }
}

/// The messages of a batch, each once, with all that was said of it. In order, like everything that is locked.
fn seen(tx: &Tx, generation: i64, changes: &[Change]) -> BTreeMap<Uuid, message::Model> {
    let mut messages: BTreeMap<Uuid, message::Model> = BTreeMap::new();
    for change in changes {
        let Change::Message(message) = change else { continue };
        let row = messages.entry(message.id).or_insert_with(|| row(tx, generation, message));
        row.failed |= message.failed;
        row.unclear |= message.unclear;
    }
    messages
}

fn row(tx: &Tx, generation: i64, message: &MessageSeen) -> message::Model {
    message::Model {
        tenant_id: tx.tenant().uuid(),
        generation,
        id: message.id,
        conversation_id: message.conversation,
        slot: slot::of(message.at),
        agent_id: message.agent.unwrap_or_default(),
        failed: false,
        unclear: false,
    }
}

/// What is told of a message for the first time: that its delivery failed, that it is unclear.
async fn flagged<'a>(
    tx: &Tx,
    messages: &'a BTreeMap<Uuid, message::Model>,
    fresh: &HashSet<Uuid>,
) -> Result<Vec<(&'a message::Model, Figure)>> {
    let mut found = Vec::new();
    for (column, figure) in [
        (message::Column::Failed, Figure::DeliveriesFailed),
        (message::Column::Unclear, Figure::DeliveriesUnclear),
    ] {
        let told = |row: &&message::Model| match column {
            message::Column::Failed => row.failed,
            _ => row.unclear,
        };
        let (new, known): (Vec<_>, Vec<_>) =
            messages.values().filter(told).partition(|row| fresh.contains(&row.id));
        let newly = messages::flag(tx, column, &known).await?;
        found.extend(new.into_iter().map(|row| (row, figure)));
        found.extend(known.into_iter().filter(|row| newly.contains(&row.id)).map(|row| (row, figure)));
    }
    Ok(found)
}
