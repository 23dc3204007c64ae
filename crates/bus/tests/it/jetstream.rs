use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_nats::{HeaderMap, jetstream};
use futures::StreamExt as _;
use tokio_util::task::TaskTracker;
use weft_bus::{Bus, ConsumerSpec, Event, Outcome, Settings, Stream};
use weft_domain::ErrorCode;
use weft_testkit::{ChaosProxy, Disk, Nats, eventually};

use crate::rig::{Kind, PATIENCE, Rig, done, event, event_on, next, retry, spec, vanish_with};

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_loses_nothing_acked_and_everybody_resumes_alone() {
    let mut rig = Rig::with(Kind::JetStream, |settings| settings.publish_timeout_ms = 2_000).await;
    let mut running = rig.run(&spec("c"), done).await;
    let mut reader = rig.bus.read_from(Stream::Events, None, vec!["weft.events.>".into()]).await.unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let tracker = TaskTracker::new();
    let publishers: Vec<_> = (0..4)
        .map(|publisher| {
            let (bus, over) = (rig.bus.clone(), Arc::clone(&over));
            tracker.spawn(async move {
                let mut acked = Vec::new();
                for n in 0.. {
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                    let id = format!("{publisher}-{n}");
                    let inbound = bus.publish(Stream::In, event(&id, &publisher.to_string())).await;
                    let told = bus.publish(Stream::Events, event_on("weft.events.t.x.y", &id, "")).await;
                    if inbound.is_ok() && told.is_ok() {
                        acked.push(id);
                    }
                }
                acked
            })
        })
        .collect();
    let mut handled: HashSet<String> = running.ids(20).await.into_iter().collect();
    for _ in 0..2 {
        let nats = rig.nats.as_mut().unwrap();
        nats.kill();
        eventually("the loss is noticed", PATIENCE, async || (!rig.bus.healthy().await).then_some(())).await;
        nats.restart().await;
        eventually("the bus is back", PATIENCE, async || rig.bus.healthy().await.then_some(())).await;
        handled.extend(running.ids(20).await);
    }
    over.store(true, Ordering::Relaxed);
    let mut acked = Vec::new();
    for publisher in publishers {
        acked.extend(publisher.await.unwrap());
    }
    let marker = event("marker", "m");
    eventually("the last publish", PATIENCE, async || rig.bus.publish(Stream::In, marker.clone()).await.ok())
        .await;
    let last = rig.bus.publish(Stream::Events, event_on("weft.events.t.x.y", "marker", "")).await.unwrap();
    let mut read = HashSet::new();
    loop {
        let (cursor, event) = next(&mut reader).await;
        assert!(read.insert(event.id.clone()), "{} came twice", event.id);
        if cursor == last.cursor {
            break;
        }
    }
    let missing: Vec<_> = acked.iter().filter(|id| !read.contains(*id)).collect();
    assert!(missing.is_empty(), "{} of {} acked are lost", missing.len(), acked.len());
    while !acked.iter().all(|id| handled.contains(id)) {
        handled.extend(running.ids(1).await);
    }
    running.stop().await;
}

#[tokio::test]
async fn unknown_headers_are_ignored_and_what_is_no_event_is_a_dead_letter() {
    let rig = Rig::new(Kind::JetStream).await;
    let context = jetstream::new(async_nats::connect(&rig.settings.url).await.unwrap());
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("ce-specversion", "1.0"),
        ("ce-id", "foreign"),
        ("ce-type", "com.example.thing"),
        ("ce-source", "/elsewhere"),
        ("ce-time", "2026-01-02T03:04:05+01:00"),
        ("ce-later", "unknown"),
        ("x-anything", "unknown"),
    ] {
        headers.insert(name, value);
    }
    context.publish("weft.in.1.x", "no event".into()).await.unwrap().await.unwrap();
    context
        .publish_with_headers("weft.in.1.x", headers, "{\"later\":1}".into())
        .await
        .unwrap()
        .await
        .unwrap();
    let mut running = rig.run(&spec("c"), done).await;
    let delivery = running.next().await;
    assert_eq!((delivery.event.id.as_str(), delivery.event.tenant), ("foreign", None));
    assert_eq!(delivery.event.time.to_rfc3339(), "2026-01-02T02:04:05+00:00");
    running.stop().await;
    let letters = rig.bus.dead_letters(0, 10).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].letter.reason, "unreadable_event");
    assert_eq!(letters[0].letter.event.data, "no event");
}

#[tokio::test]
async fn events_are_cloud_events_that_anybody_can_read() {
    let rig = Rig::new(Kind::JetStream).await;
    let sent = rig.bus.publish(Stream::In, event("1", "k")).await.unwrap();
    let context = jetstream::new(async_nats::connect(&rig.settings.url).await.unwrap());
    let message = context.get_stream("IN").await.unwrap().get_raw_message(sent.cursor).await.unwrap();
    let header = |name: &str| message.headers.get(name).unwrap().as_str();
    assert_eq!(header("ce-specversion"), "1.0");
    assert_eq!((header("ce-id"), header("Nats-Msg-Id")), ("1", "1"));
    assert_eq!((header("ce-type"), header("ce-partitionkey")), ("weft.v1.test.happened", "k"));
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(message.payload, "{\"id\":\"1\"}");
}

#[tokio::test]
async fn a_stream_less_safe_than_it_has_to_be_stops_the_start() {
    let rig = Rig::new(Kind::JetStream).await;
    let context = jetstream::new(async_nats::connect(&rig.settings.url).await.unwrap());
    let mut config = context.get_stream("EVENTS").await.unwrap().cached_info().config.clone();
    config.discard = jetstream::stream::DiscardPolicy::Old;
    context.update_stream(config).await.unwrap();
    let error = rig.bus.check_streams().await.unwrap_err();
    assert_eq!(error.reason(), "stream_misconfigured");
    assert!(error.message().contains("EVENTS"), "{error}");
    context.delete_stream("OUT").await.unwrap();
    assert_eq!(rig.bus.check_streams().await.unwrap_err().reason(), "stream_missing");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_in_time() {
    let nowhere = format!("nats://127.0.0.1:{}", weft_testkit::free_port());
    let settings = Settings { connect_timeout_ms: 300, ..Settings::at(nowhere) };
    let error = Bus::connect(&settings).await.unwrap_err();
    assert_eq!((error.code(), error.reason()), (ErrorCode::Unavailable, "bus_unreachable"));
}

#[tokio::test]
async fn publishing_while_the_server_is_away_ends_in_time() {
    let mut rig = Rig::with(Kind::JetStream, |settings| settings.publish_timeout_ms = 300).await;
    rig.nats.as_mut().unwrap().kill();
    let error = rig.bus.publish(Stream::In, event("1", "k")).await.unwrap_err();
    assert!(error.code().is_transient(), "{error}");
    rig.nats.as_mut().unwrap().restart().await;
    let published = eventually("the bus is back", Duration::from_secs(30), async || {
        rig.bus.publish(Stream::In, event("1", "k")).await.ok()
    })
    .await;
    assert_eq!(rig.bus.last_cursor(Stream::In).await.unwrap(), published.cursor);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_full_disk_refused_goes_out_soon_after_the_server_is_back() {
    let folder = weft_testkit::temp_dir();
    let disk = match Disk::make(folder.path(), 64 << 20) {
        Ok(disk) => disk,
        Err(why) => return println!("SKIPPED: no loop devices ({why})"),
    };
    let mut server = Nats::start_in(&disk.folder().join("data")).await;
    let settings = Settings { publish_timeout_ms: 1_000, ..Settings::at(server.url()) };
    let bus = Bus::connect(&settings).await.unwrap();
    bus.migrate(&[]).await.unwrap();
    let events = |from: usize| (from..from + 40).map(large).collect::<Vec<_>>();
    bus.publish_all(Stream::In, events(0)).await.unwrap();

    disk.fill();
    let refused = async || bus.publish_all(Stream::In, events(40)).await.err();
    eventually("the disk is full", PATIENCE, refused).await;
    disk.free();
    server.kill();
    server.restart().await;
    // One timeout for each of the forty, one after the other, would be longer.
    let again = async || bus.publish_all(Stream::In, events(40)).await.ok();
    eventually("they are on the bus", Duration::from_secs(15), again).await;
}

/// So large that what room is left in the disk's last block is soon used up.
fn large(number: usize) -> Event {
    let id = number.to_string();
    Event { data: format!("\"{}\"", "x".repeat(100_000)).into(), ..event(&id, "k") }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_consumer_has_in_hand_is_not_mistaken_for_what_a_new_disk_counts_alike() {
    let mut rig = Rig::new(Kind::JetStream).await;
    let spec = ConsumerSpec { max_attempts: 100_000, ..spec("holder") };
    let may_end = Arc::new(AtomicBool::new(false));
    let allowed = Arc::clone(&may_end);
    let mut running = rig
        .run(&spec, move |delivery| match delivery.event.id.as_str() {
            "old" if !allowed.load(Ordering::SeqCst) => retry(),
            _ => Outcome::Done,
        })
        .await;
    rig.bus.publish(Stream::In, event("old", "a")).await.unwrap();
    assert_eq!(running.next().await.event.id, "old");

    let server = rig.nats.as_mut().unwrap();
    server.lose_disk();
    server.restart().await;
    let made = async || rig.bus.migrate(std::slice::from_ref(&spec)).await.ok();
    eventually("the streams are made anew", PATIENCE, made).await;
    for id in ["new", "newer"] {
        let published = rig.bus.publish(Stream::In, event(id, "b")).await.unwrap();
        assert_eq!(published.cursor, if id == "new" { 1 } else { 2 });
    }
    let mut came = Vec::new();
    while came.len() < 2 {
        came.extend(Some(running.next().await.event.id).filter(|id| id != "old"));
    }
    assert_eq!(came, ["new", "newer"]);
    may_end.store(true, Ordering::SeqCst);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_predecessor_settles_at_the_last_moment_is_not_waited_for() {
    let rig = Rig::new(Kind::JetStream).await;
    // Whoever waited until its time is up would wait longer than this test.
    let spec = ConsumerSpec { ack_wait: PATIENCE * 2, ..spec("successor") };
    rig.bus.migrate(std::slice::from_ref(&spec)).await.unwrap();
    for id in ["theirs", "ours"] {
        rig.bus.publish(Stream::In, event(id, id)).await.unwrap();
    }
    let context = jetstream::new(async_nats::connect(rig.nats.as_ref().unwrap().url()).await.unwrap());
    let stream = context.get_stream("IN").await.unwrap();
    let mut consumer: jetstream::consumer::PullConsumer = stream.get_consumer("successor").await.unwrap();
    let pull = consumer.stream().max_messages_per_batch(1).group("weft");
    let theirs = pull.messages().await.unwrap().next().await.unwrap().unwrap();
    stream.unpin_consumer("successor", "weft").await.unwrap();

    let mut running = rig.run(&spec, done).await;
    loop {
        // both are out: the successor has just been given its first
        if consumer.info().await.unwrap().num_ack_pending == 2 {
            break theirs.ack().await.unwrap();
        }
        tokio::task::yield_now().await;
    }
    // called back just before it was settled, theirs may come as well
    while running.next().await.event.id != "ours" {}
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_lost_with_a_connection_is_not_overtaken_by_what_comes_after_it() {
    let rig = Rig::new(Kind::JetStream).await;
    // Whoever waited until its time is up would wait longer than this test.
    let spec = ConsumerSpec { ack_wait: PATIENCE * 2, ..spec("cut") };
    rig.bus.migrate(std::slice::from_ref(&spec)).await.unwrap();
    let broker = rig.settings.url.trim_start_matches("nats://");
    let link = ChaosProxy::start(broker).await;
    let bus = Bus::connect(&Settings::at(format!("nats://{}", link.address()))).await.unwrap();
    let mut running = crate::rig::run(bus.consume(&spec).await.unwrap().remove(0), done);
    rig.bus.publish(Stream::In, event("first", "k")).await.unwrap();
    assert_eq!(running.next().await.event.id, "first");
    let context = jetstream::new(async_nats::connect(&rig.settings.url).await.unwrap());
    let stream = context.get_stream("IN").await.unwrap();
    let out = async |count: usize| {
        while stream.consumer_info("cut").await.unwrap().num_ack_pending != count {
            tokio::task::yield_now().await;
        }
    };
    out(0).await;

    link.stall();
    rig.bus.publish(Stream::In, event("lost", "k")).await.unwrap();
    out(1).await;
    link.cut();
    eventually("the loss is noticed", PATIENCE, async || (!bus.healthy().await).then_some(())).await;
    link.pass();
    rig.bus.publish(Stream::In, event("later", "k")).await.unwrap();
    assert_eq!(running.ids(2).await, ["lost", "later"]);
    running.stop().await;
}

#[tokio::test]
async fn what_the_server_stops_delivering_is_a_dead_letter() {
    let rig = Rig::new(Kind::JetStream).await;
    let spec = ConsumerSpec { ack_wait: Duration::from_secs(1), ..spec("c") };
    rig.bus.migrate(std::slice::from_ref(&spec)).await.unwrap();
    let context = jetstream::new(async_nats::connect(&rig.settings.url).await.unwrap());
    let stream = context.get_stream("IN").await.unwrap();
    let consumer: jetstream::consumer::PullConsumer = stream.get_consumer("c").await.unwrap();
    let mut config = consumer.cached_info().config.clone();
    config.max_deliver = 1;
    stream.create_consumer(config).await.unwrap();
    let sent = event("lost", "");
    rig.bus.publish(Stream::In, sent.clone()).await.unwrap();
    vanish_with(&rig.bus, &spec).await;
    let running = crate::rig::run(rig.bus.consume(&spec).await.unwrap().remove(0), done);
    let letter = eventually("a letter", PATIENCE, async || rig.bus.dead_letters(0, 1).await.unwrap().pop())
        .await
        .letter;
    assert_eq!((letter.reason.as_str(), letter.event), ("max_deliveries", sent));
    running.stop().await;
}
