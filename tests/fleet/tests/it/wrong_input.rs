//! What bad input gets.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use weft_tests_fleet::{Client, Engines, Fleet};

use crate::matrix::things::say;

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_not_the_providers_leaves_nothing_behind(#[case] engines: Engines) {
    let fleet = Fleet::start(engines).await;
    let (admin, channel) = with_channel(&fleet).await;
    let forged = message("forged");
    for headers in [&[][..], &[("x-echo-secret", "wrong")], &[("x-echo-secret", "")]] {
        assert_eq!(post(&admin, &channel, headers, &forged).await, 401, "{headers:?}");
        assert_eq!(post(&admin, &channel, headers, "not json").await, 401, "{headers:?}");
    }
    // The order of one chat is kept: if something of the forged one were coming, it would be here before this.
    say(&admin, &channel, "good", "I am real").await;
    let messages = messages(&admin, 1).await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0]["text"], "I am real");
    assert!(fleet.process().parts().bus.dead_letters(0, 10).await.unwrap().is_empty());
    assert_eq!(admin.list("/v1/dead-letters").await, Vec::<Value>::new());
    fleet.stop().await;
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_cannot_be_read_is_kept_and_does_not_come_again(#[case] engines: Engines) {
    let fleet = Fleet::start(engines).await;
    let (admin, channel) = with_channel(&fleet).await;
    let good = message("cut");
    let truncated = good.get(..good.len() / 2).unwrap();
    let shapeless = r#"{"events": [{"id": 7}]}"#;
    let unknown =
        json!({"events": [{"id": "u", "at": 1, "from": {"id": "c1"}, "type": "danced"}]}).to_string();
    for body in ["not json", "", truncated, shapeless, "[]", &unknown] {
        assert_eq!(post(&admin, &channel, &SECRET, body).await, 200, "{body}");
    }
    let letters = weft_testkit::eventually("the letters are kept", Duration::from_secs(20), async || {
        let letters = admin.list("/v1/dead-letters").await;
        (letters.len() >= 5).then_some(letters)
    })
    .await;
    let mut kept = Vec::new();
    for letter in &letters {
        let shown = admin.get(&format!("/v1/dead-letters/{}", letter["id"].as_str().unwrap())).await;
        kept.push(shown["body"].as_str().unwrap().to_owned());
    }
    for body in ["not json", truncated, "[]"] {
        assert!(kept.iter().any(|data| data == body), "{body} in {kept:?}");
    }
    assert!(kept.iter().any(|data| data.contains("\"id\":7")), "the entry without a shape in {kept:?}");
    assert!(letters.iter().all(|one| one["reason"] == "unreadable_call"), "{letters:?}");
    assert!(!kept.iter().any(|data| data.contains("danced")), "what is not known is counted, not kept");

    say(&admin, &channel, "good", "Still there?").await;
    assert_eq!(messages(&admin, 1).await.len(), 1);
    fleet.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_to_nowhere_or_too_large_is_refused() {
    let fleet = Fleet::start(Engines::Embedded).await;
    let (admin, channel) = with_channel(&fleet).await;
    for nowhere in ["chan_01h455vb4pex5vsknk084sn02q", "nonsense", "conv_01h455vb4pex5vsknk084sn02q"] {
        assert_eq!(post(&admin, nowhere, &SECRET, &message("m")).await, 404, "{nowhere}");
    }
    let unknown_kind = format!("/hooks/pigeon/{channel}");
    assert_eq!(admin.post_raw(&unknown_kind, &SECRET, "{}").await.unwrap(), 404);
    let other_kind = format!("/hooks/telegram/{channel}");
    assert_eq!(admin.post_raw(&other_kind, &SECRET, "{}").await.unwrap(), 404);
    let large = "x".repeat(256 * 1024 + 1);
    assert_eq!(post(&admin, &channel, &SECRET, &large).await, 413);
    assert_eq!(
        admin.patch(&format!("/v1/channels/{channel}"), &json!({"enabled": false})).await["enabled"],
        false
    );
    weft_testkit::eventually("the adapter knows that it is disabled", Duration::from_secs(10), async || {
        (post(&admin, &channel, &SECRET, &message("late")).await == 404).then_some(())
    })
    .await;
    fleet.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_request_is_a_problem_that_says_what_is_wrong() {
    let fleet = Fleet::start(Engines::Embedded).await;
    let admin = fleet.admin().await;
    let conversation = "/v1/conversations/conv_01h455vb4pex5vsknk084sn02q/messages";
    let long = json!({"name": "x".repeat(201)});
    let fields = [
        ("POST", "/v1/contacts", json!({}), "name"),
        ("POST", "/v1/contacts", json!({"name": "  "}), "name"),
        ("POST", "/v1/contacts", json!({"name": 7}), "name"),
        ("POST", "/v1/contacts", json!({"name": "Ada", "nickname": "A"}), "nickname"),
        ("POST", "/v1/contacts", long, "name"),
        ("POST", "/v1/users", json!({"email": "nobody", "password": "correct horse battery"}), "email"),
        ("POST", "/v1/users", json!({"email": "a@demo.test", "password": "short"}), "password"),
        ("POST", "/v1/channels", json!({"kind": "echo", "name": "E"}), "secrets.token"),
        ("POST", conversation, json!({"attachments": [{}]}), "attachments[0].id"),
        ("GET", "/v1/contacts?page_sise=5", Value::Null, "page_sise"),
        ("GET", "/v1/contacts?page_size=five", Value::Null, "page_size"),
        ("GET", "/v1/conversations?status=asleep", Value::Null, "status"),
        ("POST", "/v1/contacts?name=Ada", json!({"name": "Ada"}), "name"),
    ];
    for (verb, path, body, field) in fields {
        let body = (!body.is_null()).then_some(body);
        let problem = problem(&admin, verb, path, body.as_ref()).await;
        assert_eq!(
            (&problem["status"], &problem["field"]),
            (&json!(400), &json!(field)),
            "{verb} {path} {problem}"
        );
    }
    let elsewhere = [
        ("GET", "/v1/nothing", 404),
        ("GET", "/nothing", 404),
        ("DELETE", "/v1/conversations", 405),
        ("PUT", "/v1/me", 405),
    ];
    for (verb, path, status) in elsewhere {
        assert_eq!(problem(&admin, verb, path, None).await["status"], status, "{verb} {path}");
    }
    for (body, status) in [("{\"name\":", 400), ("[]", 400), (&*"x".repeat((1 << 20) + 1), 413)] {
        let request = admin.request("POST", "/v1/contacts").bytes("application/json", body.to_owned().into());
        let answer = admin.send(request).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
    fleet.stop().await;
}

const SECRET: [(&str, &str); 1] = [("x-echo-secret", "s")];

async fn with_channel(fleet: &Fleet) -> (Client, String) {
    let admin = fleet.admin().await;
    let secrets = json!({"token": "t", "webhook_secret": "s"});
    let channel = fleet.connect(&admin, "echo", json!({}), secrets).await;
    (admin, channel)
}

async fn post(client: &Client, channel: &str, headers: &[(&str, &str)], body: &str) -> u16 {
    client.post_raw(&format!("/hooks/echo/{channel}"), headers, body).await.unwrap()
}

fn message(id: &str) -> String {
    json!({"events": [{"id": id, "at": 1_767_225_601, "from": {"id": "c1", "name": "Ada"},
        "type": "message", "message": {"id": id, "text": "I am not real"}}]})
    .to_string()
}

/// The messages of the only conversation, when there are `count`.
async fn messages(admin: &Client, count: usize) -> Vec<Value> {
    weft_testkit::eventually("the messages are there", Duration::from_secs(20), async || {
        let all = admin.get("/v1/conversations").await;
        let conversation = all["items"].as_array().unwrap().first()?["id"].as_str().unwrap().to_owned();
        let listed = admin.get(&format!("/v1/conversations/{conversation}/messages")).await;
        let items = listed["items"].as_array().unwrap().clone();
        (items.len() >= count).then_some(items)
    })
    .await
}

/// The problem that a call ends in.
async fn problem(client: &Client, verb: &str, path: &str, body: Option<&Value>) -> Value {
    let request = client.request(verb, path);
    let answer = client.send(body.into_iter().fold(request, |request, body| request.json(body))).await;
    assert_eq!(
        answer.headers["content-type"], "application/problem+json",
        "{verb} {path}: {}",
        answer.status
    );
    let problem: Value = answer.json().unwrap();
    assert_eq!(problem["status"], answer.status.as_u16());
    assert!(problem["instance"].is_string() || problem["instance"].is_null());
    problem
}
