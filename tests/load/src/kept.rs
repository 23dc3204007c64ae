use std::{collections::HashMap, fmt};

use futures::{StreamExt, stream};
use serde_json::Value;
use weft_tests_fleet::Client;

use crate::Journal;

const AT_ONCE: usize = 8;

/// What became of everything a run has sent (TS-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// How many were accepted.
    pub accepted: u64,
    /// Accepted and not there.
    pub lost: u64,
    /// There more than once.
    pub duplicated: u64,
    /// After one that was sent only when it had been accepted.
    pub misordered: u64,
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { accepted, lost, duplicated, misordered } = self;
        write!(f, "accepted={accepted} lost={lost} duplicated={duplicated} misordered={misordered}")
    }
}

impl Kept {
    /// Whether nothing is missing, doubled or out of its place.
    pub fn is_whole(&self) -> bool {
        (self.lost, self.duplicated, self.misordered) == (0, 0, 0)
    }
}

/// Reads all conversations of these channels by REST and compares them with the journal.
pub async fn check(journal: &Journal, admin: &Client, channels: &[String]) -> Kept {
    let mut rows = Vec::new();
    for channel in channels {
        let conversations = admin.list(&format!("/v1/conversations?channel={channel}")).await;
        let reading =
            stream::iter(conversations.iter().map(|conversation| row(journal, admin, conversation)));
        rows.extend(reading.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await);
    }
    compare(journal, &rows)
}

/// What is there, conversation by conversation in its order, beside what was accepted.
fn compare(journal: &Journal, rows: &[Vec<u64>]) -> Kept {
    let mut found: HashMap<u64, u64> = HashMap::new();
    rows.iter().flatten().for_each(|number| *found.entry(*number).or_default() += 1);
    let in_order = |row: &Vec<u64>| misordered(row.iter().map(|number| times(journal, *number)));
    let mut kept = Kept { misordered: rows.iter().map(in_order).sum(), ..Kept::default() };
    for block in journal.blocks() {
        for number in block.numbers() {
            let times = found.get(&number).copied().unwrap_or_default();
            let accepted = block.times(number).1 > 0;
            kept.accepted += u64::from(accepted);
            kept.lost += u64::from(accepted && times == 0);
            kept.duplicated += times.saturating_sub(1);
        }
    }
    kept
}

/// The run's messages of one conversation, in its order.
async fn row(journal: &Journal, admin: &Client, conversation: &Value) -> Vec<u64> {
    let id = conversation["id"].as_str().unwrap();
    let messages = admin.list(&format!("/v1/conversations/{id}/messages?after_seq=0")).await;
    messages.iter().filter_map(|message| journal.number(message["text"].as_str()?)).collect()
}

fn times(journal: &Journal, number: u64) -> (u64, u64) {
    journal.block_of(number).map(|block| block.times(number)).unwrap_or_default()
}

/// Of messages in their order, by when each was posted and when accepted: how many stand after one that was posted only
/// when they had been accepted. Those under way at the same time have no order of their own.
pub(crate) fn misordered(row: impl Iterator<Item = (u64, u64)>) -> u64 {
    let mut latest_posted = 0;
    let mut count = 0;
    for (posted, accepted) in row {
        count += u64::from(accepted > 0 && accepted < latest_posted);
        latest_posted = latest_posted.max(posted);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Way;

    #[test]
    fn what_is_lost_doubled_or_out_of_its_place_is_counted() {
        let journal = Journal::new();
        let block = journal.plan(Way::In, 10, 6);
        for number in 1..=5 {
            block.post(number, number * 10);
            block.accept(number, number * 10 + 5);
        }
        let kept = |rows: &[&[u64]]| {
            let kept = compare(&journal, &rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>());
            (kept.accepted, kept.lost, kept.duplicated, kept.misordered)
        };
        assert_eq!(kept(&[&[1, 3, 5], &[2, 4]]), (5, 0, 0, 0));
        assert_eq!(kept(&[&[1, 3, 5], &[2, 4, 6]]), (5, 0, 0, 0), "kept although its answer was not heard");
        assert_eq!(kept(&[&[1, 5], &[2, 4]]), (5, 1, 0, 0));
        assert_eq!(kept(&[&[1, 3, 3, 5], &[2, 4]]), (5, 0, 1, 0));
        assert_eq!(kept(&[&[3, 1, 5], &[4, 2]]), (5, 0, 0, 2));
        assert_eq!(kept(&[]), (5, 5, 0, 0));
    }

    #[test]
    fn only_what_was_accepted_before_another_was_posted_has_to_stand_before_it() {
        let count = |row: &[(u64, u64)]| misordered(row.iter().copied());
        assert_eq!(count(&[(1, 2), (3, 4), (5, 6)]), 0);
        assert_eq!(count(&[(3, 4), (1, 2)]), 1);
        assert_eq!(count(&[(2, 4), (1, 3)]), 0, "under way at the same time");
        assert_eq!(count(&[(5, 6), (1, 0), (3, 4)]), 1, "one that was never accepted counts for nothing");
    }
}
