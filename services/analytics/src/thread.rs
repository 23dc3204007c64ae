//! What a conversation's events mean for the figures. Pure: a row, an event, what it adds.

use weft_proto::conversation::v1::{conversation::Status, message::Direction};

use crate::{
    change::{ConversationSeen, MessageSeen, Version},
    figure::Figure,
    store::entity::conversation::Model as Thread,
    tally::{Place, Tally},
};

const FIRST_RESPONSE: (Figure, Figure) = (Figure::FirstResponse, Figure::FirstResponseMs);
const RESOLUTION: (Figure, Figure) = (Figure::Resolution, Figure::ResolutionMs);

/// A message that was not known before. Notes count for nothing.
pub(crate) fn note_message(thread: &mut Thread, message: &MessageSeen, tally: &mut Tally<'_>) {
    match message.direction {
        Direction::Inbound => {
            let place = Place::new(message.at, thread.channel_id, thread.assignee);
            tally.count(place, Figure::MessagesIn);
            if thread.first_in_seq.is_none() {
                (thread.first_in_seq, thread.first_in_at) = (Some(message.seq), Some(message.at));
            }
        }
        Direction::Outbound => {
            let place = Place::new(message.at, thread.channel_id, message.agent);
            tally.count(place, Figure::MessagesOut);
            if !message.by_person {
                tally.count(place, Figure::MessagesOutBot);
            } else if thread.answered_at.is_none()
                && let (Some(seq), Some(asked)) = (thread.first_in_seq, thread.first_in_at)
                && seq < message.seq
            {
                thread.answered_at = Some(message.at);
                tally.time(place, FIRST_RESPONSE, asked, message.at);
            }
        }
        Direction::Internal | Direction::Unspecified => {}
    }
}

/// A conversation as it is after a change. What is not newer than what is known changes nothing.
pub(crate) fn note_change(thread: &mut Thread, seen: &ConversationSeen, tally: &mut Tally<'_>) {
    if seen.version <= version(thread) {
        return;
    }
    thread.channel_id = seen.channel;
    let place = Place::new(seen.version.changed_at, seen.channel, seen.assignee);
    let before = thread.status.as_deref().and_then(Status::from_str_name);
    let after = seen.status.or(before).unwrap_or(Status::Open);
    match before {
        // The first we hear of it: what it was before, nobody knows.
        None => {
            let born = Place::new(seen.created_at, seen.channel, seen.assignee);
            tally.count(born, Figure::ConversationsNew);
            thread.opened_at = thread.opened_at.or(Some(seen.created_at));
        }
        Some(before) => note_status(thread, (before, after), seen, place, tally),
    }
    thread.status = Some(after.as_str_name().to_owned());
    thread.assignee = seen.assignee;
    thread.waiting_since = seen.waiting_since;
    thread.last_seq = seen.version.last_seq;
    thread.changed_at = seen.version.changed_at;
    thread.change_id.clone_from(&seen.version.event_id);
}

fn note_status(
    thread: &mut Thread,
    (before, after): (Status, Status),
    seen: &ConversationSeen,
    place: Place,
    tally: &mut Tally<'_>,
) {
    // what became part of another one was not brought to an end
    if before == after || seen.merged {
        return;
    }
    match after {
        Status::Resolved => tally.count(place, Figure::ConversationsResolved),
        Status::Closed => tally.count(place, Figure::ConversationsClosed),
        _ => {}
    }
    let now = seen.version.changed_at;
    match (is_ended(before), is_ended(after)) {
        (false, true) => {
            tally.time(place, RESOLUTION, thread.opened_at.unwrap_or(seen.created_at), now);
        }
        (true, false) => {
            tally.count(place, Figure::ConversationsReopened);
            thread.opened_at = Some(now);
        }
        _ => {}
    }
}

fn is_ended(status: Status) -> bool {
    matches!(status, Status::Resolved | Status::Closed)
}

fn version(thread: &Thread) -> Version {
    Version { last_seq: thread.last_seq, changed_at: thread.changed_at, event_id: thread.change_id.clone() }
}
