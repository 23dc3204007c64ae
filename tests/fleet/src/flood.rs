use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::Client;

const AT_ONCE: usize = 64;
const PATIENCE: Duration = Duration::from_secs(30);

/// Customers who write a numbered row of messages each, straight to the webhook; the next when the last was answered.
pub struct Flood {
    path: String,
    secret: String,
    each: u64,
    answered: Vec<AtomicU64>,
    total: watch::Sender<u64>,
}

/// What is kept of a flood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Answered with 200 and not there.
    pub lost: u64,
    /// There more than once.
    pub duplicated: u64,
    /// After one that was written later.
    pub misplaced: u64,
}

impl Flood {
    /// Nothing is posted yet.
    pub fn new(channel: &str, secret: &str, customers: usize, each: u64) -> Self {
        Self {
            path: format!("/hooks/telegram/{channel}"),
            secret: secret.to_owned(),
            each,
            answered: (0..customers).map(|_| AtomicU64::new(0)).collect(),
            total: watch::Sender::new(0),
        }
    }

    /// Posts what was not answered with 200 yet, until all of it is or Weft is gone.
    pub async fn post_rest(&self, weft: &Client) {
        let customers = stream::iter(self.answered.iter().enumerate());
        customers
            .for_each_concurrent(AT_ONCE, async |(customer, answered)| {
                for number in answered.load(Ordering::Relaxed) + 1..=self.each {
                    if self.post(weft, customer, number).await != Some(200) {
                        return;
                    }
                    answered.store(number, Ordering::Relaxed);
                    self.total.send_modify(|total| *total += 1);
                }
            })
            .await;
    }

    /// Posts the newest answered message of each customer again, as a provider that missed the answer would.
    pub async fn repeat_some(&self, weft: &Client) {
        let customers = stream::iter(self.answered.iter().enumerate());
        customers
            .for_each_concurrent(AT_ONCE, async |(customer, answered)| {
                let newest = answered.load(Ordering::Relaxed);
                if newest > 0 {
                    assert_eq!(self.post(weft, customer, newest).await, Some(200));
                }
            })
            .await;
    }

    /// Waits until so many were answered with 200.
    pub async fn answered(&self, count: u64) {
        self.total.subscribe().wait_for(|total| *total >= count).await.unwrap();
    }

    /// How many were answered with 200.
    pub fn total(&self) -> u64 {
        *self.total.borrow()
    }

    /// Waits until everything answered is there, in vain for at most 30 s, and counts.
    pub async fn kept(&self, admin: &Client) -> Kept {
        let complete = weft_testkit::eventually("all of the flood", PATIENCE * 2, async || {
            let lengths: BTreeMap<String, u64> = conversations(admin)
                .await
                .iter()
                .map(|conversation| (customer_of(conversation), conversation["last_seq"].as_u64().unwrap()))
                .collect();
            let is_there = |(customer, answered): (usize, &AtomicU64)| {
                let length = lengths.get(&name(customer)).copied().unwrap_or_default();
                length >= answered.load(Ordering::Relaxed)
            };
            self.answered.iter().enumerate().all(is_there).then_some(())
        });
        // What is not there by then is counted as lost below.
        drop(tokio::time::timeout(PATIENCE, complete).await);
        let mut rows = BTreeMap::new();
        for conversation in conversations(admin).await {
            let id = conversation["id"].as_str().unwrap();
            let messages = admin.list(&format!("/v1/conversations/{id}/messages?after_seq=0")).await;
            let numbers =
                messages.iter().map(|message| message["text"].as_str().unwrap().parse::<u64>().unwrap());
            let row: &mut Vec<u64> = rows.entry(customer_of(&conversation)).or_default();
            row.extend(numbers);
        }
        let mut kept = Kept::default();
        for (customer, answered) in self.answered.iter().enumerate() {
            let row = rows.remove(&name(customer)).unwrap_or_default();
            kept.add(&row, answered.load(Ordering::Relaxed));
        }
        assert!(rows.is_empty(), "only customers wrote: {:?}", rows.keys());
        kept
    }

    async fn post(&self, weft: &Client, customer: usize, number: u64) -> Option<u16> {
        let chat = 1_000_000_001 + u64::try_from(customer).unwrap();
        let update_id = 900_000_000 + (chat - 1_000_000_001) * self.each + number;
        let person = json!({"id": chat, "is_bot": false, "first_name": name(customer)});
        let update = json!({"update_id": update_id, "message": {
            "message_id": number, "date": 1_767_225_600 + number, "from": person,
            "chat": {"id": chat, "type": "private", "first_name": name(customer)}, "text": number.to_string()}});
        let headers = [("x-telegram-bot-api-secret-token", self.secret.as_str())];
        weft.post_raw(&self.path, &headers, &update.to_string()).await.ok()
    }
}

impl Kept {
    fn add(&mut self, row: &[u64], answered: u64) {
        let mut distinct = row.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        self.lost +=
            (1..=answered).filter(|number| distinct.binary_search(number).is_err()).map(|_| 1).sum::<u64>();
        self.duplicated += u64::try_from(row.len() - distinct.len()).unwrap();
        self.misplaced += row.windows(2).filter(|pair| pair.first() > pair.last()).map(|_| 1).sum::<u64>();
    }
}

async fn conversations(admin: &Client) -> Vec<Value> {
    admin.list("/v1/conversations").await
}

fn customer_of(conversation: &Value) -> String {
    conversation["contact"]["name"].as_str().unwrap().to_owned()
}

fn name(customer: usize) -> String {
    format!("Customer {customer}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_doubled_or_out_of_its_place_is_counted() {
        let kept = |row: &[u64], answered| {
            let mut kept = Kept::default();
            kept.add(row, answered);
            (kept.lost, kept.duplicated, kept.misplaced)
        };
        assert_eq!(kept(&[1, 2, 3], 3), (0, 0, 0));
        assert_eq!(kept(&[1, 2, 3, 4], 3), (0, 0, 0), "kept although its answer was not heard");
        assert_eq!(kept(&[1, 3], 3), (1, 0, 0));
        assert_eq!(kept(&[1, 2, 2, 3], 3), (0, 1, 0));
        assert_eq!(kept(&[2, 1, 3], 3), (0, 0, 1));
        assert_eq!(kept(&[], 2), (2, 0, 0));
    }
}
