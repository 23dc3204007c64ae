//! Inbound events become rows: a batch of one tenant in one transaction.

use std::collections::HashSet;

use tracing::{Instrument, Span};
use uuid::Uuid;
use weft_domain::{Result, conversation::MAX_TEXT_CHARS};
use weft_proto::channel::v1::{Inbound, inbound};
use weft_store::Tx;

use crate::{notify::Notices, store::inbox};

mod apply_attempt;
mod apply_call;
mod apply_change;
mod apply_media;
mod apply_messages;
mod apply_reachability;
mod apply_report;
mod apply_thread;
mod author;
mod read;

pub(crate) use apply_attempt::lapse;
pub(crate) use apply_report::bring_together;
pub(crate) use read::read;

/// The longest name, title, number or address of somebody or something outside that is kept.
const MAX_LABEL_CHARS: usize = 500;

/// An inbound event with its ids read.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) channel_id: Uuid,
    pub(crate) inbound: Inbound,
    /// Its step in its own trace: events of one batch come from many.
    pub(crate) span: Span,
}

impl Event {
    pub(crate) fn thread_id(&self) -> &str {
        self.inbound.thread.as_ref().map(|thread| thread.id.as_str()).unwrap_or_default()
    }
}

/// Applies events in their order; those applied before are skipped. Says how many were new.
pub(crate) async fn apply(tx: &Tx, events: &[Event]) -> Result<usize> {
    let keys = events.iter().map(|event| (event.channel_id, event.inbound.key.clone()));
    let mut fresh = inbox::mark(tx, keys).await?;
    let count = fresh.len();
    // `remove`, not `contains`: the same event twice in one batch is applied once.
    let new: Vec<&Event> =
        events.iter().filter(|event| fresh.remove(&(event.channel_id, event.inbound.key.clone()))).collect();
    let mut notices = Notices::default();
    let mut rest = new.as_slice();
    while let Some(first) = rest.first() {
        let same = rest.iter().take_while(|event| is_message(event) == is_message(first)).count();
        let (run, after) = rest.split_at(same);
        rest = after;
        if is_message(first) {
            Box::pin(apply_messages::apply(tx, run, &mut notices)).await?;
        } else {
            for event in run {
                Box::pin(apply_one(tx, event, &mut notices)).instrument(event.span.clone()).await?;
            }
        }
    }
    notices.write(tx).await?;
    Ok(count)
}

fn is_message(event: &Event) -> bool {
    matches!(event.inbound.event, Some(inbound::Event::Message(_)))
}

async fn apply_one(tx: &Tx, event: &Event, notices: &mut Notices) -> Result<()> {
    match &event.inbound.event {
        Some(inbound::Event::Message(_)) => Box::pin(apply_messages::apply(tx, &[event], notices)).await,
        Some(inbound::Event::Edited(edited)) => apply_change::edited(tx, event, edited, notices).await,
        Some(inbound::Event::Deleted(deleted)) => apply_change::deleted(tx, event, deleted).await,
        Some(inbound::Event::Reaction(reaction)) => apply_change::reacted(tx, event, reaction).await,
        Some(inbound::Event::Report(report)) => apply_report::apply(tx, event, report, notices).await,
        Some(inbound::Event::Reachability(change)) => apply_reachability::apply(tx, event, change).await,
        Some(inbound::Event::Started(_)) => apply_thread::started(tx, event).await,
        Some(inbound::Event::Moved(moved)) => apply_thread::moved(tx, event, moved).await,
        Some(inbound::Event::AttemptStarted(started)) => apply_attempt::started(tx, started).await,
        Some(inbound::Event::AttemptEnded(ended)) => apply_attempt::ended(tx, event, ended, notices).await,
        Some(inbound::Event::Transcribed(told)) => apply_call::transcribed(tx, event, told).await,
        Some(inbound::Event::MediaFetched(fetched)) => apply_media::apply(tx, fetched).await,
        Some(inbound::Event::ChangeEnded(ended)) => apply_change::ended(tx, ended).await,
        // Typing never comes here, and what a newer adapter says is not for this release.
        Some(inbound::Event::Typing(_)) | None => Ok(()),
    }
}

/// What a contact writes is never refused for its length, but it is cut where one can see it.
fn words(text: &str) -> String {
    cut(text, MAX_TEXT_CHARS)
}

/// A name, title, number or address as it is kept.
fn label(text: &str) -> String {
    cut(text.trim(), MAX_LABEL_CHARS)
}

fn cut(text: &str, chars: usize) -> String {
    if text.chars().nth(chars).is_none() {
        return text.to_owned();
    }
    text.chars().take(chars - 1).chain(['…']).collect()
}

/// The ids in first-seen order, each once.
fn unique<T: Clone + Eq + std::hash::Hash>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items.filter(|item| seen.insert(item.clone())).collect()
}
