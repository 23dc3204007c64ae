//! Orders of which the provider thinks well.

use std::time::Duration;

use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use serde_json::json;
use weft_channel::{Attachment, Idempotency, Outbound};
use weft_domain::id;
use weft_proto::{
    channel::v1::{attempt_ended::Result as Ended, inbound},
    convert,
    directory::v1::Account,
};

use crate::{
    provider::Answer,
    rig::{Rig, message},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_is_on_the_bus_before_the_provider_is_called() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    rig.provider.answer("/send", [Answer::Never]);
    let sent = message("hello");
    rig.send(&sent).await;
    let call = rig.provider.call("/send").await;
    assert_eq!(rig.bus.last_cursor(weft_bus::Stream::In).await.unwrap(), 1);
    assert_eq!(call.body["message_id"], sent.message_id);

    let started = match incoming.next().await.event {
        Some(inbound::Event::AttemptStarted(started)) => started,
        other => panic!("{other:?}"),
    };
    assert_eq!((started.message_id, started.attempt), (sent.message_id.clone(), 1));
    let lease = convert::time(&started.lease_until.unwrap()).unwrap() - Utc::now();
    assert!(lease > TimeDelta::seconds(50) && lease <= TimeDelta::seconds(60), "{lease}");
    assert_eq!(incoming.unseen(), 0, "how it ended is not known yet");
    running.die().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_message_goes_in_parts_and_names_them_all() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    let sent = message("one two three four five six seven eight");
    rig.send(&sent).await;

    let ended = incoming.ended().await;
    assert_eq!((ended.result(), ended.message_id), (Ended::Accepted, sent.message_id));
    let first = rig.provider.call("/send").await.body["text"].clone();
    assert_eq!(first, "one two three four");
    assert_eq!(ended.provider_message_ids.len(), 2 + rig.provider.unseen("/send").await - 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_fetched_from_the_media_service() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    rig.fleet.put_file("file_1", vec![7; 12_345]);
    let attached = |id: &str| Outbound {
        attachments: vec![Attachment {
            id: id.to_owned(),
            name: "a.bin".to_owned(),
            size: 12_345,
            ..Attachment::default()
        }],
        ..message("")
    };
    rig.send(&attached("file_1")).await;
    assert_eq!(incoming.ended().await.result(), Ended::Accepted);
    let sent = rig.provider.call("/send").await.body;
    assert_eq!(sent["file_bytes"], 12_345);
    assert_eq!(sent["file_link"], "https://weft.example/files/file_1");

    rig.send(&attached("file_2")).await;
    let ended = incoming.ended().await;
    assert_eq!((ended.result(), ended.code.as_str()), (Ended::Rejected, "file_gone"));

    let mut too_large = attached("file_1");
    rig.fleet.put_file("file_1", vec![7; 1_000_001]);
    too_large.attachments[0].size = 10;
    rig.send(&too_large).await;
    let ended = incoming.ended().await;
    assert_eq!((ended.result(), ended.code.as_str()), (Ended::Rejected, "file_too_large"));
    assert_eq!(rig.provider.unseen("/send").await, 0);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_is_refused_without_a_call() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    let past = convert::timestamp(Utc::now() - TimeDelta::seconds(1));
    let cases = [
        (Outbound { expires_at: Some(past), ..message("late") }, "expired"),
        (message("   "), "message_invalid"),
    ];
    for (message, code) in cases {
        rig.send(&message).await;
        let ended = incoming.ended().await;
        assert_eq!((ended.result(), ended.code.as_str()), (Ended::Rejected, code));
        assert!(!ended.reason.is_empty());
    }

    rig.fleet.put(Account { tenant_id: id::new::<id::Tenant>().to_string(), version: 2, ..rig.account() });
    rig.changed().await;
    rig.provider.call("/connect").await;
    rig.provider.call("/connect").await;
    rig.send(&message("to somebody else's channel")).await;
    assert_eq!(incoming.ended().await.code, "channel_gone");

    rig.fleet.put(Account { enabled: false, version: 3, ..rig.account() });
    running.stop().await;
    let restarted = rig.start().await;
    rig.send(&message("to a channel that is off")).await;
    assert_eq!(incoming.ended().await.code, "channel_disabled");
    assert_eq!(rig.provider.unseen("/send").await, 0);
    restarted.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_knows_our_key_is_called_without_a_marker_and_again_when_unclear() {
    let rig = Rig::new().await;
    let running = rig.start_as(|toy| toy.capabilities.idempotency = Idempotency::Key).await;
    let mut incoming = rig.incoming().await;
    rig.provider.answer("/send", [Answer::Json(200, json!("no id")), Answer::Json(504, json!({}))]);
    rig.send(&message("x")).await;
    let Some(inbound::Event::AttemptEnded(_)) = incoming.next().await.event else {
        panic!("a marker for nothing")
    };
    rig.send(&message("y")).await;
    let ended = incoming.ended().await;
    assert_eq!(ended.result(), Ended::Deferred);
    assert!(convert::time(&ended.retry_at.unwrap()).unwrap() < Utc::now() + TimeDelta::seconds(2));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_account_does_not_hold_up_the_orders_of_others() {
    let mut rig = Rig::new().await;
    let other = Rig::new().await;
    let channel = id::new::<id::Channel>().to_string();
    let mut account = rig.account();
    account.channel_id.clone_from(&channel);
    account.settings = other.account().settings;
    rig.fleet.put(account);
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    let stuck = 40;
    rig.provider.answer("/send", (0..stuck).map(|_| Answer::Never));
    for n in 0..stuck {
        rig.send(&message(&format!("stuck {n}"))).await;
    }
    rig.provider.call("/send").await;

    let slow = std::mem::replace(&mut rig.channel, id::parse_lookup(&channel).unwrap());
    let started = std::time::Instant::now();
    let quick = message("quick");
    rig.send(&quick).await;
    let ended = incoming.ended().await;
    assert_eq!((ended.result(), ended.message_id), (Ended::Accepted, quick.message_id));
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_ne!(slow, rig.channel);
    running.die().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn typing_is_shown_once_in_four_seconds() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let body = |tenant: String, thread: &str| {
        let channel = rig.channel.to_string();
        Bytes::from(json!({"tenant_id": tenant, "channel_id": channel, "thread_id": thread}).to_string())
    };
    let subject = format!("weft.live.{}.typing_out.toy", rig.tenant);
    let foreign = id::new::<id::Tenant>().to_string();
    rig.provider.call("/connect").await;
    let messages = ["k1", "k2"].map(|key| json!({"key": key, "thread": "b", "text": "hello"}));
    assert_eq!(rig.hook(&running, &json!({"events": messages})).await.status, 200);
    for body in [
        body(foreign, "foreign"),
        Bytes::from_static(b"nonsense"),
        body(rig.tenant.to_string(), "a"),
        body(rig.tenant.to_string(), "a"),
        body(rig.tenant.to_string(), "b"),
    ] {
        rig.bus.publish_live(&subject, body).await.unwrap();
    }
    let mut shown = [rig.provider.call("/typing").await.path, rig.provider.call("/typing").await.path];
    shown.sort();
    assert_eq!(shown, ["/typing/a", "/typing/b/k2"], "with the contact's last message, where it is known");
    running.stop().await;
    assert_eq!(rig.provider.unseen("/typing").await, 0);
}
