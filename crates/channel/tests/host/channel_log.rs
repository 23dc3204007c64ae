use std::time::Instant;

use futures::StreamExt as _;
use serde_json::json;
use weft_proto::directory::v1::{
    ChannelLogEntry,
    channel_log_entry::{Direction, Outcome},
};

use crate::{
    provider::Answer,
    rig::{Rig, message},
};

fn what(line: &ChannelLogEntry) -> (Direction, Outcome, &str, u32) {
    (line.direction(), line.outcome(), &line.code, line.events)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_webhook_is_a_line_and_what_was_refused_says_why() {
    let mut rig = Rig::new().await;
    let mut log = rig.log().await;
    let running = rig.start().await;
    rig.connected().await;
    let entry = |key: &str| json!({"key": key, "thread": "t1", "text": "canary-text"});
    let body = json!({"events": [entry("k1"), entry("k2")]});
    assert_eq!(rig.hook(&running, &body).await.status, 200);
    let line = log.line("webhook").await;
    assert_eq!(what(&line), (Direction::Inbound, Outcome::Ok, "", 2));
    assert_eq!(line.bytes, u64::try_from(body.to_string().len()).unwrap());

    let channel = rig.channel.to_string();
    assert_eq!(rig.hook_with(&running, "wrong", &channel, body.to_string()).await.status, 401);
    let line = log.line("webhook").await;
    assert_eq!(what(&line), (Direction::Inbound, Outcome::Refused, "wrong", 0));

    assert_eq!(rig.hook_with(&running, "hush", &channel, "{".to_owned()).await.status, 200);
    let line = log.line("webhook").await;
    assert_eq!(what(&line), (Direction::Inbound, Outcome::Failed, "unreadable", 0));
    assert!(line.detail.contains("not JSON"), "{}", line.detail);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_to_the_provider_is_a_line_with_what_the_adapter_made_of_it() {
    let mut rig = Rig::new().await;
    let (mut log, mut incoming) = (rig.log().await, rig.incoming().await);
    let running = rig.start().await;
    rig.connected().await;
    let line = log.line("connect").await;
    assert_eq!(what(&line), (Direction::Outbound, Outcome::Ok, "200", 0));

    let first = message("hello");
    rig.send(&first).await;
    incoming.ended().await;
    let line = log.line("send").await;
    assert_eq!(what(&line), (Direction::Outbound, Outcome::Ok, "200", 0));
    assert_eq!((line.message_id, line.attempt, line.count), (first.message_id, 1, 1));
    assert!(line.bytes > 0);

    rig.provider.answer("/send", [Answer::Json(410, json!({})), Answer::RetryAfter(7)]);
    for (status, words) in [("410", "they left"), ("429", "slow down")] {
        rig.send(&message("hello")).await;
        incoming.ended().await;
        let line = log.line("send").await;
        assert_eq!(what(&line), (Direction::Outbound, Outcome::Failed, status, 0));
        assert!(line.detail.contains(words), "{}", line.detail);
    }
    // the provider asked to be left alone, so it is not called
    rig.send(&message("hello")).await;
    incoming.ended().await;
    let line = log.line("send").await;
    assert_eq!(what(&line), (Direction::Outbound, Outcome::Refused, "throttled", 0));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_well_at_once_is_one_line_and_an_account_at_rest_writes_none() {
    let mut rig = Rig::new().await;
    let mut log = rig.log().await;
    rig.config.public_url = None;
    let running = rig.start().await;
    rig.connected().await;
    log.line("connect").await;
    // it is asked for news all the time, and there is none
    for _ in 0..20 {
        rig.provider.call("/poll/").await;
    }
    let brought = json!({"events": [{"key": "k", "thread": "t"}]});
    rig.provider.answer("/poll/start", [Answer::Json(200, brought), Answer::Json(500, json!({}))]);
    let line = log.line("poll").await;
    assert_eq!(what(&line), (Direction::Inbound, Outcome::Ok, "", 1), "the first line of this kind");
    let line = log.line("poll").await;
    assert_eq!(what(&line), (Direction::Inbound, Outcome::Failed, "500", 0));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_webhooks_are_a_few_lines_that_count_each_of_them() {
    const CALLS: u32 = 400;
    let mut rig = Rig::new().await;
    let mut log = rig.log().await;
    let running = rig.start().await;
    rig.connected().await;
    let begun = Instant::now();
    let hooks = (0..CALLS).map(|number| {
        let (rig, running) = (&rig, &running);
        async move {
            let body = json!({"events": [{"key": format!("k{number}"), "thread": "t1", "text": "hello"}]});
            assert_eq!(rig.hook(running, &body).await.status, 200);
        }
    });
    futures::stream::iter(hooks).buffer_unordered(16).collect::<()>().await;
    let took = begun.elapsed();
    println!("LOG webhooks={CALLS} rate={:.0}/s", f64::from(CALLS) / took.as_secs_f64());
    let (mut lines, mut counted, mut events) = (0, 0, 0);
    while counted < CALLS {
        let line = log.line("webhook").await;
        (lines, counted, events) = (lines + 1, counted + line.count, events + line.events);
    }
    assert_eq!((counted, events), (CALLS, CALLS));
    let seconds = took.as_secs() + 2;
    assert!(lines <= seconds, "{lines} lines in {seconds} s");
    running.stop().await;
}
