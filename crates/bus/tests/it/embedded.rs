use std::{
    fs,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::future::join_all;
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use tokio_util::task::TaskTracker;
use weft_bus::{Bus, ConsumerSpec, Outcome, Settings, Stream};
use weft_testkit::{eventually, temp_dir};

use crate::rig::{Kind, PATIENCE, Rig, done, event, spec};

#[tokio::test]
async fn a_second_process_is_refused() {
    let rig = Rig::new(Kind::Embedded).await;
    assert_eq!(Bus::connect(&rig.settings).await.unwrap_err().reason(), "bus_folder_in_use");
    rig.bus.close().await;
    Bus::connect(&rig.settings).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answered_publish_is_in_the_file_at_any_moment() {
    let rig = Rig::new(Kind::Embedded).await;
    let answered = Arc::new(Mutex::new(Vec::new()));
    let tracker = TaskTracker::new();
    for publisher in 0..20 {
        let (bus, answered) = (rig.bus.clone(), Arc::clone(&answered));
        tracker.spawn(async move {
            for n in 0..50 {
                let id = format!("{publisher}-{n}");
                bus.publish(Stream::In, event(&id, "")).await.unwrap();
                answered.lock().unwrap().push(id);
            }
        });
    }
    tracker.close();
    let mut copies = Vec::new();
    while !tracker.is_empty() {
        let before = answered.lock().unwrap().clone();
        let copy = temp_dir();
        // The log first: a checkpoint between the two copies only brings into the database what the log has, too.
        for file in ["bus.db-wal", "bus.db"] {
            fs::copy(rig.folder.path().join(file), copy.path().join(file)).unwrap();
        }
        copies.push((before, copy));
        tokio::task::yield_now().await;
    }
    tracker.wait().await;
    copies.truncate(8);
    for (before, copy) in copies {
        let bus = Bus::connect(&Settings::at(format!("embedded:{}", copy.path().display()))).await.unwrap();
        let again = join_all(before.iter().map(|id| bus.publish(Stream::In, event(id, "")))).await;
        assert!(again.into_iter().all(|answer| answer.unwrap().duplicate), "of {} answered", before.len());
        bus.close().await;
    }
}

#[tokio::test]
async fn a_lagging_consumer_reads_the_file_and_a_gap_of_acks_survives_a_restart() {
    let mut rig = Rig::new(Kind::Embedded).await;
    let batch = (0..9_000).map(|n| event(&n.to_string(), if n == 0 { "slow" } else { "" })).collect();
    rig.bus.publish_all(Stream::In, batch).await.unwrap();
    let forever = Duration::from_secs(3600);
    let mut running = rig
        .run(&spec("c"), move |delivery| match delivery.cursor {
            1 => Outcome::Retry { after: forever, reason: "later".into() },
            _ => Outcome::Done,
        })
        .await;
    let ids = running.ids(9_000).await;
    assert_eq!(ids, (0..9_000).map(|n| n.to_string()).collect::<Vec<_>>());
    running.stop().await;
    rig.restart().await;
    rig.bus.publish(Stream::In, event("marker", "")).await.unwrap();
    let mut running = rig.run(&spec("c"), done).await;
    let first = running.next().await;
    assert_eq!((first.event.id.as_str(), first.attempts), ("0", 2));
    assert_eq!(running.ids(1).await, ["marker"]);
    running.stop().await;
}

#[tokio::test]
async fn what_is_handled_and_old_is_pruned_and_the_rest_stays() {
    let mut rig = Rig::new(Kind::Embedded).await;
    let filters = ConsumerSpec::new("c", Stream::In, &["weft.in.7.>"]);
    for id in ["handled", "waiting"] {
        rig.bus.publish(Stream::In, event(id, "")).await.unwrap();
    }
    let mut running = rig
        .run(&filters, |delivery| match delivery.event.id.as_str() {
            "waiting" => Outcome::Retry { after: Duration::from_secs(3600), reason: "later".into() },
            _ => Outcome::Done,
        })
        .await;
    running.ids(2).await;
    running.stop().await;
    rig.bus.close().await;
    let options = SqliteConnectOptions::new().filename(rig.folder.path().join("bus.db"));
    let mut file = options.connect().await.unwrap();
    sqlx::query("UPDATE event SET at = at - 130000").execute(&mut file).await.unwrap();
    file.close().await.unwrap();
    rig.bus = Bus::connect(&rig.settings).await.unwrap();
    eventually("the handled one is gone", PATIENCE, async || {
        let again = rig.bus.publish(Stream::In, event("handled", "")).await.unwrap();
        (!again.duplicate).then_some(())
    })
    .await;
    assert!(rig.bus.publish(Stream::In, event("waiting", "")).await.unwrap().duplicate);
    let mut running = rig.run(&filters, done).await;
    assert_eq!(running.ids(2).await, ["waiting", "handled"]);
    running.stop().await;
}
