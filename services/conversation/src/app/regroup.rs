//! Messages change their conversation, and both conversations are then as if they had always been written so. A message keeps its
//! id and its time; those that come, and whatever stands after the first of them, get places that nobody had before: whoever reads
//! on from where they were finds them.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result, conversation::Status};
use weft_proto::conversation::v1::Regrouping;
use weft_store::Tx;

use crate::{
    events, notify, show,
    show::Surroundings,
    store::{
        conversations, drafts,
        entity::{conversation, conversation_reader, regrouping},
        lines::{self, Line},
        readers, scheduled,
    },
};

/// So many messages change their conversation, and so many their place, at once.
pub(super) const MOST: usize = 5_000;

/// A message in the place that it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Placed {
    line: Line,
    /// Whether it comes from the other conversation.
    comes: bool,
    /// Its new place.
    seq: i64,
}

/// Takes messages, all or these, from one conversation into another, whose turns are both taken and whose rows are written by the
/// caller. It answers which they were.
pub(super) async fn run(
    tx: &Tx,
    from: &mut conversation::Model,
    to: &mut conversation::Model,
    only: Option<&HashSet<Uuid>>,
) -> Result<Vec<Uuid>> {
    let coming = match only {
        Some(only) => lines::of(tx, from.id, only).await?,
        None => lines::after(tx, from.id, 0, MOST + 1).await?,
    };
    let Some(first) = coming.first() else { return Ok(Vec::new()) };
    let behind = match lines::first_after(tx, to.id, first.created_at).await? {
        Some(seq) => lines::after(tx, to.id, seq - 1, MOST + 1).await?,
        None => Vec::new(),
    };
    if coming.len() > MOST || behind.len() > MOST {
        return Err(too_many());
    }
    let prefix_end = behind.first().map_or(to.last_seq, |line| line.seq - 1);
    let moved: Vec<Uuid> = coming.iter().map(|line| line.id).collect();
    let placed = placed(behind, coming, to.last_seq);
    give_turn(from, to, &moved)?;
    lines::drop_twice_called(tx, from.id, to.id, moved.clone()).await?;
    let places: HashMap<Uuid, i64> = placed.iter().map(|one| (one.line.id, one.seq)).collect();
    let ordered: Vec<(Uuid, i64)> = placed.iter().map(|one| (one.line.id, one.seq)).collect();
    lines::put(tx, to.id, &ordered).await?;
    follow_readers(tx, (from.id, to.id), &placed, prefix_end).await?;
    read_on(from, to, &placed, prefix_end);
    wait_on(tx, from, to, &placed).await?;
    to.last_seq = placed.last().map_or(to.last_seq, |last| last.seq);
    to.last_message_id = placed.last().map(|last| last.line.id);
    from.last_message_id = lines::newest(tx, from.id, false).await?.map(|line| line.id);
    to.active_at = to.active_at.max(from.active_at);
    from.updated_at = tx.now();
    to.updated_at = tx.now();
    notify::go_along(tx, to.id, &places).await?;
    Ok(moved)
}

fn too_many() -> Error {
    let words = format!("at most {MOST} messages change their conversation, or their place in it, at once");
    Error::new(ErrorCode::TooLarge, "too_many_messages", words)
}

/// Two conversations in one: each in its own order, and between the two the older message first.
fn placed(behind: Vec<Line>, coming: Vec<Line>, last_seq: i64) -> Vec<Placed> {
    let mut all = Vec::with_capacity(behind.len() + coming.len());
    let (mut here, mut there) = (behind.into_iter().peekable(), coming.into_iter().peekable());
    let mut seq = last_seq;
    loop {
        let comes = match (here.peek(), there.peek()) {
            (Some(here), Some(there)) => there.created_at < here.created_at,
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (None, None) => return all,
        };
        let Some(line) = (if comes { there.next() } else { here.next() }) else { return all };
        seq += 1;
        all.push(Placed { line, comes, seq });
    }
}

/// What is on its way out goes on from where it is now.
fn give_turn(from: &mut conversation::Model, to: &mut conversation::Model, moved: &[Uuid]) -> Result<()> {
    let Some(delivering) = from.delivering.filter(|id| moved.contains(id)) else { return Ok(()) };
    if to.delivering.is_some() {
        let words = "in both conversations a message is on its way out; try again in a moment";
        return Err(Error::conflict("message_on_its_way", words));
    }
    to.delivering = Some(delivering);
    from.delivering = None;
    Ok(())
}

/// Up to where somebody has read who had read both conversations up to these places; none: as far as before.
fn read_up_to(
    placed: &[Placed],
    (of_to, of_from): (i64, i64),
    prefix_end: i64,
    counts: impl Fn(&Line) -> bool,
) -> Option<i64> {
    if of_to < prefix_end {
        return None;
    }
    let is_unread = |one: &Placed| one.line.seq > if one.comes { of_from } else { of_to };
    match placed.iter().position(|one| is_unread(one) && counts(&one.line)) {
        None => placed.last().map(|last| last.seq),
        Some(0) => None,
        Some(first) => placed.get(first - 1).map(|one| one.seq),
    }
}

/// How far each of our people has read.
async fn follow_readers(tx: &Tx, (from, to): (Uuid, Uuid), placed: &[Placed], prefix_end: i64) -> Result<()> {
    let of_from: HashMap<Uuid, conversation_reader::Model> =
        readers::of(tx, from).await?.into_iter().map(|row| (row.user_id, row)).collect();
    let mut of_to: HashMap<Uuid, conversation_reader::Model> =
        readers::of(tx, to).await?.into_iter().map(|row| (row.user_id, row)).collect();
    for (user, row) in &of_from {
        let none = || conversation_reader::Model { conversation_id: to, seq: 0, ..row.clone() };
        of_to.entry(*user).or_insert_with(none);
    }
    let further = of_to.into_values().filter_map(|row| {
        let there = of_from.get(&row.user_id).map_or(0, |row| row.seq);
        let seq = read_up_to(placed, (row.seq, there), prefix_end, |_| true)?;
        Some(conversation_reader::Model { seq, ..row })
    });
    readers::save(tx, further.collect()).await
}

/// How far our side has read, and how many it has not.
fn read_on(from: &mut conversation::Model, to: &mut conversation::Model, placed: &[Placed], prefix_end: i64) {
    let read = |row: &conversation::Model| if row.unread_count == 0 { row.last_seq } else { row.read_seq };
    let (of_to, of_from) = (read(to), read(from));
    let is_unread = |one: &&Placed| one.comes && one.line.is_inbound() && one.line.seq > of_from;
    let unread = i32::try_from(placed.iter().filter(is_unread).count()).unwrap_or(i32::MAX);
    let unread = unread.min(from.unread_count);
    from.unread_count -= unread;
    to.unread_count = to.unread_count.saturating_add(unread);
    if let Some(seq) = read_up_to(placed, (of_to, of_from), prefix_end, Line::is_inbound) {
        to.read_seq = seq;
    }
}

/// Since when the contact waits for an answer, here and there.
async fn wait_on(
    tx: &Tx,
    from: &mut conversation::Model,
    to: &mut conversation::Model,
    placed: &[Placed],
) -> Result<()> {
    let Some(since) = from.waiting_since else { return Ok(()) };
    let asked = placed.iter().filter(|one| one.comes && one.line.is_inbound());
    let asked = asked.map(|one| one.line.created_at).filter(|at| *at >= since).min();
    to.waiting_since = [to.waiting_since, asked].into_iter().flatten().min();
    from.waiting_since = lines::first_inbound(tx, from.id, since).await?.map(|line| line.created_at);
    Ok(())
}

/// Closes a conversation whose messages are in another one now: what waits there for its time, and what people have begun to write,
/// goes along. It answers what waited.
pub(super) async fn lay_down(tx: &Tx, row: &mut conversation::Model, into: Uuid) -> Result<Vec<Uuid>> {
    row.become_status(Status::Closed);
    row.merged_into = Some(into);
    row.holds_thread = false;
    row.waiting_since = None;
    row.unread_count = 0;
    row.archived_at = Some(tx.now());
    drafts::hand_over(tx, row.id, into).await?;
    let waited = scheduled::hand_over(tx, row.id, into, None).await?;
    Ok(waited.into_iter().map(|one| one.id).collect())
}

/// Tells everybody of both conversations, which are written by now.
pub(super) async fn tell(tx: &Tx, row: &regrouping::Model, is_new: bool) -> Result<Regrouping> {
    let both = HashSet::from([row.conversation_id, row.other_id]);
    let both = conversations::by_ids(tx, &both).await?;
    let surroundings = Surroundings::load(tx, &both).await?;
    for one in &both {
        if is_new && one.id == row.other_id {
            events::conversation_created(tx, one, &surroundings)?;
        } else {
            events::conversation_updated(tx, one, &surroundings)?;
        }
    }
    let shown = show::regrouping(tx, row).await?;
    events::regrouping_updated(tx, row, &shown)?;
    Ok(shown)
}

/// Why nothing is undone between two of which one became part of a third.
pub(super) fn regrouped_since(row: &conversation::Model, later: Option<&regrouping::Model>) -> Error {
    let (id, later) = (show::conversation_id(row.id), later.map(|later| show::regrouping_id(later.id)));
    let words = format!("{id} became part of another one since: undo {} first", later.unwrap_or_default());
    Error::precondition("conversation_merged", words)
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Utc};
    use proptest::prelude::*;

    use super::*;

    fn lines(times: &[i64]) -> Vec<Line> {
        let now = Utc::now();
        let line = |(seq, at): (i64, &i64)| Line {
            id: Uuid::now_v7(),
            seq,
            created_at: now + TimeDelta::seconds(*at),
            direction: "inbound".to_owned(),
        };
        (1..).zip(times).map(line).collect()
    }

    proptest! {
        #[test]
        fn each_keeps_its_order_and_nobody_s_place_is_taken(
            here in proptest::collection::vec(0..50_i64, 0..20),
            there in proptest::collection::vec(0..50_i64, 0..20),
        ) {
            let (here, there) = (lines(&here), lines(&there));
            let all = placed(here.clone(), there.clone(), 100);
            let of = |comes| all.iter().filter(|one| one.comes == comes).map(|one| one.line.clone()).collect::<Vec<_>>();
            prop_assert_eq!(of(false), here);
            prop_assert_eq!(of(true), there);
            prop_assert!(all.iter().zip(101..).all(|(one, seq)| one.seq == seq));
        }
    }

    #[test]
    fn what_was_written_first_stands_first_and_of_one_moment_what_was_there() {
        let all = placed(lines(&[10, 30]), lines(&[20, 30, 40]), 7);
        let comes: Vec<(bool, i64)> = all.iter().map(|one| (one.comes, one.seq)).collect();
        assert_eq!(comes, [(false, 8), (true, 9), (false, 10), (true, 11), (true, 12)]);
    }

    #[test]
    fn who_has_read_both_has_read_all_and_otherwise_up_to_the_first_that_is_new() {
        let all = placed(lines(&[10, 30]), lines(&[20, 40]), 2);
        for (read, up_to) in
            [((2, 2), Some(6)), ((2, 1), Some(5)), ((2, 0), Some(3)), ((0, 2), None), ((1, 0), Some(3))]
        {
            assert_eq!(read_up_to(&all, read, 0, |_| true), up_to, "{read:?}");
        }
        assert_eq!(read_up_to(&all, (4, 2), 5, |_| true), None, "something before is not read");
    }
}
