use serde_json::json;
use weft_domain::{id, partition};
use weft_proto::{channel::v1::inbound, events::v1::ChannelkindAnnounced, json as proto_json};

use crate::rig::{PATIENCE, Rig};

fn one(key: &str, text: &str) -> serde_json::Value {
    json!({"events": [{"key": key, "thread": "t1", "text": text}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_answered_when_it_is_on_the_bus_and_repeats_are_the_same_event() {
    let telemetry = weft_telemetry::init_for_test();
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;

    let answer = rig.hook(&running, &one("k1", "hello")).await;
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, &b"took it"[..]));
    let event = incoming.event().await;
    let key = format!("{}:t1", rig.channel);
    assert_eq!(event.key, key);
    assert_eq!(event.subject, format!("weft.in.{}.toy", partition::of(&key)));
    assert_eq!(event.tenant, Some(rig.tenant.to_string()));
    assert!(event.traceparent.is_some(), "the trace goes on");
    let inbound: weft_proto::channel::v1::Inbound = proto_json::decode(&event.data).unwrap();
    assert_eq!(inbound.tenant_id, rig.tenant.to_string());
    assert_eq!((inbound.channel_id, inbound.channel_kind), (rig.channel.to_string(), "toy".to_owned()));
    assert!(inbound.occurred_at.is_some());

    for _ in 0..50 {
        assert_eq!(rig.hook(&running, &one("k1", "hello")).await.status, 200);
    }
    assert_eq!(rig.hook(&running, &one("k2", "bye")).await.status, 200);
    let next = incoming.event().await;
    let later: weft_proto::channel::v1::Inbound = proto_json::decode(&next.data).unwrap();
    assert!(matches!(later.event, Some(inbound::Event::Message(message)) if message.text == "bye"));
    assert_ne!(next.id, event.id);
    let figures = telemetry.render_metrics();
    assert!(figures.contains("weft_channel_accepted_total{kind=\"toy\"} 2"), "{figures}");
    assert!(figures.contains("weft_channel_duplicates_total{kind=\"toy\"} 50"), "{figures}");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_providers_is_refused_and_leaves_nothing() {
    let telemetry = weft_telemetry::init_for_test();
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    let channel = rig.channel.to_string();
    let body = || one("k1", "forged").to_string();
    let refused = |reason: &str| {
        let series = format!("weft_channel_rejected_total{{kind=\"toy\",reason=\"{reason}\"}} ");
        let text = telemetry.render_metrics();
        text.lines().find_map(|line| line.strip_prefix(&series)?.parse::<u32>().ok())
    };
    assert_eq!(refused("wrong"), Some(0), "it begins at nothing, so that the first one is seen");

    assert_eq!(rig.hook_with(&running, "wrong", &channel, body()).await.status, 401);
    assert_eq!(rig.hook_with(&running, "", &channel, body()).await.status, 401);
    let unknown = id::new::<id::Channel>().to_string();
    for channel in [unknown.as_str(), "chan_nonsense", "x"] {
        assert_eq!(rig.hook_with(&running, "hush", channel, body()).await.status, 404, "{channel}");
    }
    let large = json!({"events": [], "padding": "x".repeat(70_000)}).to_string();
    assert_eq!(rig.hook_with(&running, "hush", &channel, large).await.status, 413);
    assert_eq!((refused("wrong"), refused("not_found")), (Some(2), Some(3)));

    assert_eq!(rig.hook(&running, &one("k2", "true")).await.status, 200);
    assert_eq!(incoming.text().await, "true");
    assert!(rig.bus.dead_letters(0, 10).await.unwrap().is_empty());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_kept_and_answered_well() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let channel = rig.channel.to_string();

    let answer = rig.hook_with(&running, "hush", &channel, "not json".to_owned()).await;
    assert_eq!(answer.status, 200);
    let panics = json!({"panic": true}).to_string();
    assert_eq!(rig.hook_with(&running, "hush", &channel, panics.clone()).await.status, 200);

    let letters = rig.bus.dead_letters(0, 10).await.unwrap();
    let raw: Vec<&[u8]> = letters.iter().map(|dead| &dead.letter.event.data[..]).collect();
    assert_eq!(raw, [b"not json".as_slice(), panics.as_bytes()]);
    assert!(letters.iter().all(|dead| dead.letter.source == "channel-toy"));
    assert!(letters.iter().all(|dead| dead.letter.event.tenant == Some(rig.tenant.to_string())));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_greeting_reaches_the_adapter_and_follow_up_calls_are_made() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let url = format!("{}/hooks/toy/{}/some/where?challenge=a%207", running.base, rig.channel);
    let greeted = rig.get(&url).await;
    assert_eq!((greeted.status.as_u16(), &greeted.body[..]), (200, &b"a 7 at some/where"[..]));
    assert_eq!(greeted.headers.get(crate::toy::SECRET).unwrap(), "a 7");

    let call = json!({"events": [], "follow_up": "/answer"});
    assert_eq!(rig.hook(&running, &call).await.status, 200);
    rig.provider.call("/answer").await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_that_is_away_is_told_to_providers_that_come_again() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    assert_eq!(rig.hook(&running, &one("k1", "first")).await.status, 200);
    rig.bus.close().await;

    let answer = rig.hook(&running, &one("k2", "second")).await;
    assert_eq!(answer.status, 503);
    assert!(answer.headers.contains_key("retry-after"));
    assert!(!rig.config.spool_folder.exists());
    running.life.work().abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn other_ways_in_are_accepted_by_key_and_need_a_connected_channel() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    let channel = rig.channel.to_string();
    let event = |key: &str| {
        let thread = weft_channel::inbound::direct("t1", weft_channel::Person::default());
        let typed = weft_channel::Event::Typing(weft_channel::Typing { on: true });
        weft_channel::inbound::event(key, chrono::Utc::now(), thread, typed)
    };

    running.host.accept(&channel, vec![event("a"), event("b"), event("a")]).await.unwrap();
    assert_eq!([incoming.next().await.key, incoming.next().await.key], ["a", "b"]);
    let without_key = running.host.accept(&channel, vec![event("")]).await.unwrap_err();
    assert_eq!(without_key.field(), Some("key"));
    let unknown = id::new::<id::Channel>().to_string();
    assert_eq!(running.host.accept(&unknown, vec![event("c")]).await.unwrap_err().reason(), "not_found");

    let off = weft_proto::directory::v1::Account { enabled: false, ..rig.account() };
    rig.fleet.put(off);
    let restarted = rig.start().await;
    assert_eq!(restarted.host.account(&channel).await.unwrap_err().reason(), "not_found");
    assert_eq!(rig.hook(&restarted, &one("k", "x")).await.status, 404);
    restarted.life.intake().abort();
    restarted.die().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kind_is_announced_with_its_forms() {
    let rig = Rig::new().await;
    let filters = vec!["weft.events.*.channelkind.announced".to_owned()];
    let mut reader = rig.bus.read_from(weft_bus::Stream::Events, Some(0), filters).await.unwrap();
    let running = rig.start().await;
    let (_, event) = tokio::time::timeout(PATIENCE, reader.next()).await.unwrap().unwrap().unwrap();
    assert!(event.subject.starts_with("weft.events.tenant_00000000000000000000000000."));
    let announced: ChannelkindAnnounced = proto_json::decode(&event.data).unwrap();
    let kind = announced.kind.unwrap();
    assert_eq!((kind.kind.as_str(), kind.title.as_str()), ("toy", "Toy"));
    let properties = |schema: Option<prost_types::Struct>| {
        let fields = weft_channel::fields_of(&schema.unwrap());
        fields["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(properties(kind.settings_schema), ["api_base", "id", "keys_at", "with_token"]);
    assert_eq!(properties(kind.secrets_schema), ["secret"]);
    assert_eq!(kind.capabilities.unwrap().idempotency, "none");
    running.stop().await;
}
