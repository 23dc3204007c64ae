//! Orders that meet trouble: never two calls for one message, never silence.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tokio::sync::oneshot;
use weft_channel::Outbound;
use weft_proto::{
    channel::v1::{AttemptEnded, attempt_ended::Result as Ended},
    convert,
    directory::v1::health::Status,
};

use crate::{
    provider::Answer,
    rig::{Rig, message},
};

fn retry_at(ended: &AttemptEnded) -> DateTime<Utc> {
    assert_eq!(ended.result(), Ended::Deferred, "{}", ended.reason);
    convert::time(ended.retry_at.as_ref().unwrap()).unwrap()
}

fn about(time: DateTime<Utc>, seconds: i64) -> bool {
    (time - Utc::now() - TimeDelta::seconds(seconds)).abs() < TimeDelta::seconds(2)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_whose_taker_died_is_reported_and_not_sent_again() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    rig.provider.answer("/send", [Answer::Never]);
    let sent = message("once");
    rig.send(&sent).await;
    rig.provider.call("/send").await;
    running.die().await;

    let next = rig.start().await;
    let ended = incoming.ended().await;
    assert_eq!((ended.result(), ended.message_id, ended.attempt), (Ended::Redelivered, sent.message_id, 1));
    rig.send(&message("another")).await;
    assert_eq!(incoming.ended().await.result(), Ended::Accepted, "the next one goes as usual");
    assert_eq!(rig.provider.call("/send").await.body["text"], "another");
    next.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_a_broker_hands_out_as_new_once_more_is_reported_and_not_sent() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    let sent = message("once");
    rig.send(&sent).await;
    assert_eq!(incoming.ended().await.result(), Ended::Accepted);
    rig.provider.call("/send").await;

    rig.send(&sent).await;
    let ended = incoming.ended().await;
    assert_eq!((ended.result(), ended.message_id, ended.attempt), (Ended::Redelivered, sent.message_id, 1));
    running.stop().await;
    assert_eq!(rig.provider.unseen("/send").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_was_put_off_and_is_handed_out_as_new_once_more_is_not_sent() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    rig.provider.answer("/send", [Answer::RetryAfter(37)]);
    rig.send(&message("too much")).await;
    assert_eq!(incoming.ended().await.code, "throttled");
    rig.provider.call("/send").await;
    let put_off = message("after it");
    rig.send(&put_off).await;
    assert_eq!(incoming.ended().await.code, "throttled", "it waits with the first");
    running.stop().await;

    let another = rig.start().await;
    rig.send(&put_off).await;
    let ended = incoming.ended().await;
    assert_eq!((ended.result(), ended.message_id), (Ended::Redelivered, put_off.message_id));
    another.stop().await;
    assert_eq!(rig.provider.unseen("/send").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_was_a_dead_letter_is_reported_and_not_sent() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    let old = message("long ago");
    rig.send_again(&old).await;
    let ended = incoming.ended().await;
    assert_eq!((ended.result(), &ended.message_id, ended.attempt), (Ended::Redelivered, &old.message_id, 1));
    rig.send(&old).await;
    assert_eq!(
        incoming.ended().await.result(),
        Ended::Redelivered,
        "whoever was slow with it comes too late"
    );
    rig.send(&message("another")).await;
    assert_eq!(incoming.ended().await.result(), Ended::Accepted);
    assert_eq!(rig.provider.call("/send").await.body["text"], "another", "nobody called for the old one");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_finishes_what_is_in_flight() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    let (tell, told) = oneshot::channel();
    rig.provider.answer("/send", [Answer::When(told)]);
    rig.send(&message("x")).await;
    rig.provider.call("/send").await;
    let asked = running.life.work().stop_token();
    let answer = async {
        asked.cancelled().await;
        tell.send(()).unwrap();
    };
    tokio::join!(running.stop(), answer);
    let ended = incoming.ended().await;
    assert_eq!((ended.result(), ended.provider_message_ids), (Ended::Accepted, vec!["late".to_owned()]));

    let next = rig.start().await;
    let later = message("y");
    rig.send(&later).await;
    let ended = incoming.ended().await;
    assert_eq!(ended.message_id, later.message_id, "the first order did not come again");
    next.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_asks_for_ages_is_asked_again_after_a_day() {
    for ages in [u64::MAX, 9_000_000_000_000] {
        let rig = Rig::new().await;
        let running = rig.start().await;
        let mut incoming = rig.incoming().await;
        rig.provider.answer("/send", [Answer::RetryAfter(ages)]);
        rig.send(&message("x")).await;
        assert!(about(retry_at(&incoming.ended().await), 24 * 60 * 60), "{ages}");
        running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_asks_to_wait_is_left_alone_exactly_so_long() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    rig.provider.answer("/send", [Answer::RetryAfter(37)]);
    rig.send(&message("x")).await;
    let ended = incoming.ended().await;
    assert!(about(retry_at(&ended), 37));
    assert_eq!(ended.code, "throttled");
    rig.provider.call("/send").await;

    rig.send(&message("y")).await;
    assert!(about(retry_at(&incoming.ended().await), 37));
    let expires = Outbound {
        expires_at: Some(convert::timestamp(Utc::now() + TimeDelta::seconds(20))),
        ..message("z")
    };
    rig.send(&expires).await;
    let ended = incoming.ended().await;
    assert_eq!((ended.result(), ended.code.as_str()), (Ended::Rejected, "expired"));
    assert_eq!(rig.provider.unseen("/send").await, 0);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_answer_of_the_provider_ends_the_attempt_as_it_must() {
    let mut rig = Rig::new().await;
    let running = rig.start().await;
    rig.connected().await;
    let mut incoming = rig.incoming().await;
    let cases = [
        (Answer::Json(500, json!({})), Ended::Deferred, "unreachable"),
        (Answer::Json(504, json!({})), Ended::Unclear, "unclear"),
        (Answer::Json(200, json!("unexpected")), Ended::Accepted, ""),
        (Answer::Json(418, json!({})), Ended::Rejected, "418"),
        (Answer::Json(410, json!({})), Ended::Rejected, "recipient_gone"),
        (Answer::Json(401, json!({})), Ended::Rejected, "account_invalid"),
        (Answer::Broken, Ended::Unclear, "unclear"),
    ];
    for (answer, result, code) in cases {
        rig.provider.answer("/send", [answer]);
        rig.send(&message("x")).await;
        let ended = incoming.ended().await;
        assert_eq!((ended.result(), ended.code.as_str()), (result, code));
        assert_eq!(ended.recipient_gone, code == "recipient_gone");
    }
    assert_eq!(rig.health().await.0, Status::Failed);

    rig.send(&message("panic")).await;
    let ended = incoming.ended().await;
    assert_eq!((ended.result(), ended.code.as_str()), (Ended::Unclear, "adapter_fault"));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_which_a_part_went_is_not_tried_again() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    for (status, result) in [(500, Ended::Unclear), (418, Ended::Rejected)] {
        let good = Answer::Json(200, json!({"id": "first"}));
        rig.provider.answer("/send", [good, Answer::Json(status, json!({}))]);
        rig.send(&message("one two three four five six seven")).await;
        let ended = incoming.ended().await;
        assert_eq!(ended.result(), result);
        assert_eq!(ended.provider_message_ids, ["first"]);
        assert!(ended.reason.starts_with("1 of 2 parts were sent"), "{}", ended.reason);
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_only_fails_is_not_called_any_more() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    rig.provider.answer("/send", (0..20).map(|_| Answer::Json(500, json!({}))));
    for n in 0..20 {
        rig.send(&message(&n.to_string())).await;
    }
    for _ in 0..20 {
        assert_eq!(incoming.ended().await.code, "unreachable");
    }
    assert_eq!(rig.provider.unseen("/send").await, 20);
    rig.send(&message("not now")).await;
    let ended = incoming.ended().await;
    assert_eq!(ended.code, "circuit_open");
    assert!(retry_at(&ended) > Utc::now() + Duration::from_secs(20));
    assert_eq!(rig.provider.unseen("/send").await, 0);
    running.stop().await;
}
