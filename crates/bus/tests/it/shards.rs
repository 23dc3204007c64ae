//! Replicas that share a consumer: each part has one of them at a time, and parts move when replicas come and go.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use weft_bus::{Bus, ConsumerSpec, Delivery, Outcome, Stream};
use weft_domain::{Result, partition};

use crate::rig::{Kind, PATIENCE, Rig, event_on};

const KEYS: u64 = 60;

fn spec() -> ConsumerSpec {
    let spec = ConsumerSpec::new("shared", Stream::In, &["weft.in.*.test"]);
    ConsumerSpec { shards: 8, batch: 16, ..spec }
}

/// One process of several on the same bus.
struct Replica {
    stop: CancellationToken,
    bus: Bus,
    tasks: Vec<JoinHandle<Result<()>>>,
}

/// What was handled, by whom, in the order in which it was done.
type Seen = mpsc::UnboundedSender<(usize, Delivery)>;

impl Replica {
    async fn start(rig: &Rig, number: usize, seen: &Seen) -> Self {
        let bus = Bus::connect(&rig.settings).await.unwrap();
        let stop = CancellationToken::new();
        let tracker = TaskTracker::new();
        let tasks = bus.consume(&spec()).await.unwrap().into_iter().map(|part| {
            let seen = seen.clone();
            let work = part.several_per_key().run(stop.clone(), move |batch: Vec<Delivery>| {
                let seen = seen.clone();
                async move {
                    // Long enough that a part that moves too early is seen.
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    let outcomes = batch.iter().map(|_| Outcome::Done).collect();
                    for delivery in batch {
                        seen.send((number, delivery)).unwrap();
                    }
                    outcomes
                }
            });
            tracker.spawn(work)
        });
        let tasks = tasks.collect();
        Self { stop, bus, tasks }
    }

    async fn leave(self) {
        self.stop.cancel();
        for task in self.tasks {
            task.await.unwrap().unwrap();
        }
        self.bus.close().await;
    }

    /// Ends without a word, as a process that is killed: no ack, no sign of life.
    async fn die(self) {
        for task in &self.tasks {
            task.abort();
        }
        for task in self.tasks {
            _ = task.await;
        }
    }
}

struct Ledger {
    seen: mpsc::UnboundedReceiver<(usize, Delivery)>,
    last: HashMap<String, u64>,
    handled: HashSet<String>,
    by: HashMap<usize, u64>,
    repeated: u64,
}

impl Ledger {
    /// Reads until so many events have been handled; each key's first handlings must be in order.
    async fn until(&mut self, count: usize) {
        while self.handled.len() < count {
            let next = timeout(PATIENCE, self.seen.recv()).await;
            assert!(next.is_ok(), "{} of {count} handled", self.handled.len());
            let (replica, delivery) = next.unwrap().unwrap();
            let event = delivery.event;
            if !self.handled.insert(event.id.clone()) {
                self.repeated += 1;
                continue;
            }
            *self.by.entry(replica).or_default() += 1;
            let number: u64 = event.id.rsplit('-').next().unwrap().parse().unwrap();
            let before = self.last.insert(event.key.clone(), number);
            assert!(before.is_none_or(|before| before < number), "{} came after {before:?}", event.id);
        }
    }
}

/// Numbers `from..to`, spread over the keys.
async fn publish(bus: Arc<Bus>, from: u64, to: u64) {
    for first in (from..to).step_by(50) {
        let events = (first..(first + 50).min(to)).map(|number| {
            let key = format!("key-{}", number % KEYS);
            let subject = format!("weft.in.{}.test", partition::of(&key));
            event_on(&subject, &format!("{key}-{number}"), &key)
        });
        bus.publish_all(Stream::In, events.collect()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_share_the_work_and_order_holds_while_they_come_go_and_die() {
    let rig = Rig::new(Kind::JetStream).await;
    rig.bus.migrate(&[spec()]).await.unwrap();
    let (sender, seen) = mpsc::unbounded_channel();
    let mut ledger =
        Ledger { seen, last: HashMap::new(), handled: HashSet::new(), by: HashMap::new(), repeated: 0 };
    let bus = Arc::new(rig.bus.clone());
    let load = TaskTracker::new();

    let first = Replica::start(&rig, 1, &sender).await;
    let second = Replica::start(&rig, 2, &sender).await;
    load.spawn(publish(bus.clone(), 0, 3_000));
    ledger.until(3_000).await;
    assert!(ledger.by[&1] > 0 && ledger.by[&2] > 0, "both work: {:?}", ledger.by);

    load.spawn(publish(bus.clone(), 3_000, 6_000));
    ledger.until(3_500).await;
    let third = Replica::start(&rig, 3, &sender).await;
    ledger.until(4_500).await;
    first.leave().await;
    ledger.until(6_000).await;
    assert_eq!(ledger.repeated, 0, "who comes and goes in order hands over what was not begun");

    load.spawn(publish(bus.clone(), 6_000, 8_000));
    ledger.until(6_500).await;
    let died = std::time::Instant::now();
    second.die().await;
    ledger.until(8_000).await;
    println!(
        "FAULT replica_dies accepted=8000 lost=0 duplicated={} misordered=0 recovered_in={:.1}",
        ledger.repeated,
        died.elapsed().as_secs_f64()
    );
    assert!(died.elapsed() < Duration::from_secs(15), "{:?}", died.elapsed());
    third.leave().await;
    load.close();
    load.wait().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_of_shards_loses_nothing_that_waits() {
    let rig = Rig::new(Kind::JetStream).await;
    let bus = Arc::new(rig.bus.clone());
    rig.bus.migrate(&[ConsumerSpec { shards: 1, ..spec() }]).await.unwrap();
    publish(bus.clone(), 0, 300).await;
    rig.bus.migrate(&[ConsumerSpec { shards: 2, ..spec() }]).await.unwrap();
    publish(bus.clone(), 300, 600).await;
    rig.bus.migrate(&[spec()]).await.unwrap();
    let (sender, seen) = mpsc::unbounded_channel();
    let mut ledger =
        Ledger { seen, last: HashMap::new(), handled: HashSet::new(), by: HashMap::new(), repeated: 0 };
    let replica = Replica::start(&rig, 1, &sender).await;
    ledger.until(600).await;
    replica.leave().await;
}

#[tokio::test]
async fn a_consumer_that_cannot_be_split_so_is_refused() {
    let rig = Rig::new(Kind::Embedded).await;
    for (filters, shards) in [("weft.in.>", 2), ("weft.in.*.x", 0), ("weft.in.*.x", 65)] {
        let wrong = ConsumerSpec { shards, ..ConsumerSpec::new("c", Stream::In, &[filters]) };
        assert_eq!(rig.bus.migrate(&[wrong]).await.unwrap_err().reason(), "invalid_consumer");
    }
    rig.bus.migrate(&[spec()]).await.unwrap();
    assert_eq!(rig.bus.consume(&spec()).await.unwrap().len(), 1, "one process does not split");
}
