//! The adapter and the simulator, against each other over HTTP.
#![expect(clippy::unwrap_used, reason = "a test")]

mod changing;
mod world;

use std::sync::Arc;

use bytes::BytesMut;
use futures::TryStreamExt as _;
use serde_json::{Value, json};
use weft_channel::{
    Adapter as _, Attachment, Button, ConnectContext, Event, File, Files, Outbound, SetupError,
    SimulationOptions, VerifyError, WebhookCall, attachment,
    script::{Line, Script},
};
use weft_channel_slack::{
    Slack,
    simulator::{Fault, SECRET, Says, TEAM, TOKEN},
};

use world::{ADA, World, account, message};

#[tokio::test]
async fn a_person_writes_and_is_answered() {
    let world = World::start().await;
    assert_eq!(world.connect().await.unwrap().username.as_deref(), Some("@support"));
    let mut calls = world.listen(&[]).await;
    let ts = world.simulator.customer_says(ADA, Says::Text("Hello &amp; :wave:".to_owned()));
    let events = world.read(&calls.recv().await.unwrap());
    assert_eq!(message(&events).text, "Hello & 👋");
    assert!(message(&events).id.ends_with(&ts));

    let thread = events[0].thread.as_ref().unwrap().id.clone();
    let receipts = world.say(&thread, "We are **on** it.").await.unwrap();
    let sent = world.simulator.wait_for_sent(1).await;
    assert_eq!(receipts[0].provider_message_ids, [format!("{}:{}", sent[0].channel, sent[0].ts)]);
    assert_eq!(sent[0].message["text"], "We are *on* it.");
    // Slack tells the app of its own words, too
    assert!(world.read(&calls.recv().await.unwrap()).is_empty());
}

#[tokio::test]
async fn people_are_asked_for_by_their_ids() {
    let world = World::start().await;
    let ada = Slack.person(&world.account, ADA, &world.transport).await.unwrap().unwrap();
    assert_eq!((ada.name.as_str(), ada.email.as_deref()), ("Ada", Some("u0ada00001@example.com")));
    let nobody = Slack.person(&world.account, "U0NOBODY", &world.transport).await.unwrap_err();
    assert_eq!(nobody.code(), "recipient_gone");
}

#[tokio::test]
async fn a_call_that_failed_comes_again_with_the_same_key() {
    let world = World::start().await;
    let mut calls = world.listen(&[503, 500]).await;
    world.simulator.customer_says(ADA, Says::Text("Hello".to_owned()));
    let mut keys = Vec::new();
    for number in [None, Some("1"), Some("2")] {
        let call = calls.recv().await.unwrap();
        assert_eq!(call.header("x-slack-retry-num"), number);
        assert_eq!(call.header("x-slack-retry-reason"), number.map(|_| "http_error"));
        keys.push(world.read(&call)[0].key.clone());
    }
    assert!(keys.windows(2).all(|pair| pair[0] == pair[1]), "{keys:?}");
}

#[tokio::test]
async fn a_forged_or_old_call_is_refused() {
    let world = World::start().await;
    let mut calls = world.listen(&[]).await;
    world.simulator.customer_says(ADA, Says::Text("Hello".to_owned()));
    let call = calls.recv().await.unwrap();
    let forged = WebhookCall { body: "{}".into(), ..call.clone() };
    assert_eq!(Slack.verify(&world.account, &forged), Err(VerifyError::Wrong));
    let late = WebhookCall { received_at: call.received_at + chrono::TimeDelta::minutes(6), ..call };
    assert_eq!(Slack.verify(&world.account, &late), Err(VerifyError::Stale));
}

#[tokio::test]
async fn a_mention_is_one_message_of_a_thread_in_its_channel() {
    let world = World::start().await;
    let mut calls = world.listen(&[]).await;
    world.simulator.customer_says(ADA, Says::Mention("help".to_owned()));
    let (first, second) = (calls.recv().await.unwrap(), calls.recv().await.unwrap());
    let (first, second) = (world.read(&first), world.read(&second));
    assert_eq!(first[0].key, second[0].key);
    assert_eq!(message(&first).text, "help");
    assert_eq!(first[0].sender.as_ref().unwrap().id, ADA);

    let thread = first[0].thread.as_ref().unwrap().id.clone();
    world.say(&thread, "Here I am.").await.unwrap();
    let sent = world.simulator.wait_for_sent(1).await;
    assert_eq!(format!("{}/{}", sent[0].channel, sent[0].message["thread_ts"].as_str().unwrap()), thread);
}

#[tokio::test]
async fn what_people_do_with_messages_arrives() {
    let world = World::start().await;
    let mut calls = world.listen(&[]).await;
    let ts = world.simulator.customer_says(ADA, Says::Text("Helo".to_owned()));
    let events = world.read(&calls.recv().await.unwrap());
    let id = message(&events).id.clone();
    let mut next = async |says: Says| {
        world.simulator.customer_says(ADA, says);
        let call = calls.recv().await.unwrap();
        world.read(&call).remove(0).event.unwrap()
    };
    let edited = next(Says::Edit(ts.clone(), "Hello".to_owned())).await;
    assert!(matches!(&edited, Event::Edited(new) if new.message.as_ref().unwrap().text == "Hello"));
    let reacted = next(Says::React(ts.clone(), "tada".to_owned())).await;
    assert!(matches!(&reacted, Event::Reaction(it) if it.emoji == "🎉" && it.message_id == id));
    let pressed = next(Says::Press(ts.clone(), "csat=5".to_owned())).await;
    assert!(matches!(&pressed, Event::Message(it) if it.postback.as_deref() == Some("csat=5")));
    let deleted = next(Says::Delete(ts)).await;
    assert!(matches!(&deleted, Event::Deleted(it) if it.id == id));

    world.simulator.customer_says(ADA, Says::Uninstall);
    let call = calls.recv().await.unwrap();
    let fault = Slack.receive(&world.account, &call).unwrap().account_fault;
    assert!(fault.is_some_and(|why| why.contains("install it again")));
}

#[tokio::test]
async fn files_go_up_in_three_steps_and_come_down_with_the_token() {
    let world = World::start().await;
    let mut calls = world.listen(&[]).await;
    world.simulator.customer_says(ADA, Says::File);
    let events = world.read(&calls.recv().await.unwrap());
    let media = &message(&events).media[0];
    let picture = Slack.fetch_media(&world.account, media, &world.transport).await.unwrap();
    assert_eq!(picture.mime.as_deref(), Some("image/png"));
    let bytes: BytesMut = picture.body.try_collect().await.unwrap();
    assert!(bytes.starts_with(b"\x89PNG"));
    let by_id = weft_channel::Media { reference: media.unique_id.clone(), ..media.clone() };
    assert!(Slack.fetch_media(&world.account, &by_id, &world.transport).await.is_ok());

    let stranger = account(&world.base, json!({"bot_token": "xoxb-wrong", "signing_secret": SECRET}), TEAM);
    let refused = Slack.fetch_media(&stranger, media, &world.transport).await.unwrap_err();
    assert_eq!(refused.code(), "sign_in_page");

    let attached = Attachment {
        id: "file_1".to_owned(),
        name: "a.pdf".to_owned(),
        kind: attachment::Kind::File.into(),
        size: 4,
        ..Attachment::default()
    };
    let file = File {
        name: "a.pdf".to_owned(),
        mime: "application/pdf".to_owned(),
        bytes: "data".into(),
        link: None,
    };
    let files: Files = [("file_1".to_owned(), file)].into_iter().collect();
    let thread = events[0].thread.as_ref().unwrap().id.clone();
    let outbound = Outbound {
        thread_id: thread,
        text: "Your invoice".to_owned(),
        attachments: vec![attached],
        ..Outbound::default()
    };
    world.send(outbound, &files).await.unwrap();
    let sent = world.simulator.wait_for_sent(1).await;
    assert_eq!(sent[0].message["initial_comment"], "Your invoice");
    let id = sent[0].message["files"][0]["id"].as_str().unwrap();
    assert_eq!(world.simulator.file(id).unwrap(), "data");
}

#[tokio::test]
async fn what_goes_wrong_is_said_in_plain_words() {
    let world = World::start().await;
    for (fault, code) in [
        (Fault::RateLimited, "throttled"),
        (Fault::TokenRevoked, "account_invalid"),
        (Fault::MissingScope, "account_invalid"),
        (Fault::InternalError, "unclear"),
        (Fault::NotInChannel, "recipient_gone"),
        (Fault::GatewayPage, "unreachable"),
    ] {
        world.simulator.fail_next(fault);
        assert_eq!(world.say("D0ADA00001", "Hi").await.unwrap_err().code(), code, "{fault:?}");
    }
    assert_eq!(world.say("D0NOBODY", "Hi").await.unwrap_err().code(), "recipient_gone");

    let named = |error: SetupError| match error {
        SetupError::Settings { field, .. } => field,
        other => unreachable!("{other}"),
    };
    let account_of = |token: &str, team: &str| {
        account(&world.base, json!({"bot_token": token, "signing_secret": SECRET}), team)
    };
    let context = ConnectContext { webhook_url: None };
    for (token, team, field) in
        [("xoxb-wrong", TEAM, "secrets.bot_token"), (TOKEN, "T0ANOTHER1", "settings.team_id")]
    {
        let refused = Slack.connect(&account_of(token, team), &context, &world.transport).await.unwrap_err();
        assert_eq!(named(refused), field);
    }
    let nowhere = Slack.connect(&world.account, &context, &world.transport).await.unwrap_err();
    assert!(nowhere.to_string().contains("no address"), "{nowhere}");
}

#[tokio::test]
async fn the_simulator_refuses_what_the_real_one_refuses() {
    let world = World::start().await;
    let api = async |method: &str, body: Value| {
        let (status, answer) = world.call(&format!("/api/{method}"), TOKEN, body).await;
        (status, answer["error"].as_str().unwrap_or_default().to_owned())
    };
    let post = |fields: Value| {
        let mut body = json!({"channel": "D0ADA00001", "text": "Hi"});
        body.as_object_mut().unwrap().extend(fields.as_object().cloned().unwrap());
        body
    };
    let section = |text: String| json!({"type": "section", "text": {"type": "mrkdwn", "text": text}});
    let button = json!({"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "x"}});
    let twice = json!([{"type": "actions", "elements": [button, button]}]);
    let table = [
        ("chat.postMessage", post(json!({"text": " "})), "no_text"),
        ("chat.postMessage", post(json!({"text": "x".repeat(40_001)})), "msg_too_long"),
        ("chat.postMessage", post(json!({"blocks": [section("x".repeat(3001))]})), "invalid_blocks"),
        ("chat.postMessage", post(json!({"blocks": twice})), "invalid_blocks"),
        ("chat.postMessage", post(json!({"channel": "C0NOWHERE"})), "channel_not_found"),
        ("chat.update", json!({"channel": "D0ADA00001", "ts": "1.000001", "text": "x"}), "message_not_found"),
        ("chat.delete", json!({"channel": "D0ADA00001", "ts": "1.000001"}), "message_not_found"),
        ("users.info", json!({"user": "U0NOBODY"}), "user_not_found"),
        ("conversations.open", json!({"users": "U0NOBODY"}), "user_not_found"),
        ("files.getUploadURLExternal", json!({"filename": "a"}), "invalid_arguments"),
        (
            "files.completeUploadExternal",
            json!({"channel_id": "D0ADA00001", "files": [{"id": "F1"}]}),
            "file_not_found",
        ),
        ("files.info", json!({"file": "F1"}), "file_not_found"),
        ("no.such", json!({}), "unknown_method"),
    ];
    for (method, body, error) in table {
        assert_eq!(api(method, body).await, (200, error.to_owned()), "{method}");
    }
    assert_eq!(world.call("/api/auth.test", "xoxb-wrong", json!({})).await.1["error"], "invalid_auth");
    assert!(world.simulator.sent().is_empty());

    // one a second in a channel, after a short burst
    let mut statuses = Vec::new();
    for _ in 0..15 {
        statuses.push(api("chat.postMessage", post(json!({}))).await.0);
    }
    assert_eq!((statuses[0], statuses[14]), (200, 429));

    let notify = async |path: &str, body: Value| world.call(path, "", body).await.0;
    assert_eq!(notify(&format!("/services/{TEAM}/B0/x"), json!({"text": "New ticket #17"})).await, 200);
    assert_eq!(notify(&format!("/services/{TEAM}/B0/x"), json!({})).await, 400);
    assert_eq!(notify("/services/T0/B0/x", json!({"text": "x"})).await, 404);
    assert_eq!(world.call("/simulator/webhook", "", json!({"url": world.base})).await.0, 400);
}

#[tokio::test]
async fn buttons_go_and_come_back() {
    let world = World::start().await;
    let mut calls = world.listen(&[]).await;
    let button = Button { title: "Great".to_owned(), payload: "csat=5".to_owned(), url: None };
    let question = Outbound {
        thread_id: "D0ADA00001".to_owned(),
        text: "How was it?".to_owned(),
        buttons: vec![button],
        ..Outbound::default()
    };
    world.send(question, &Files::default()).await.unwrap();
    let sent = world.simulator.wait_for_sent(1).await;
    let element = &sent[0].message["blocks"][1]["elements"][0];
    calls.recv().await.unwrap();
    let value = element["value"].as_str().unwrap().to_owned();
    world.simulator.customer_says(ADA, Says::Press(sent[0].ts.clone(), value));
    let events = world.read(&calls.recv().await.unwrap());
    assert_eq!(message(&events).postback.as_deref(), Some("csat=5"));
    assert!(message(&events).reply_to.as_deref().unwrap().ends_with(&sent[0].ts));
}

#[tokio::test]
async fn it_can_be_driven_from_outside_and_plays_by_itself() {
    let world = World::start().await;
    let mut calls = world.listen(&[]).await;
    let path = format!("/simulator/customers/{ADA}/messages");
    assert_eq!(world.call(&path, "", json!({"text": "Hello"})).await.0, 201);
    assert_eq!(world.call("/simulator/faults", "", json!("rate_limited")).await.0, 204);
    calls.recv().await.unwrap();

    let mut script = Script::default();
    for person in &mut script.people {
        person.lines[4] = Line::Does("channel".to_owned());
        person.lines[5] = Line::Does("mention".to_owned());
    }
    let script = Arc::new(script);
    let options = SimulationOptions { customers: 3, per_second: 1000.0, messages: Some(18), script };
    world.simulator.play(options, world.tasks.stop_token()).await.unwrap();
    let mut keys = std::collections::BTreeSet::new();
    // each mention comes twice
    for _ in 0..21 {
        keys.extend(world.read(&calls.recv().await.unwrap()).into_iter().map(|event| event.key));
    }
    assert_eq!(keys.len(), 18);
}
