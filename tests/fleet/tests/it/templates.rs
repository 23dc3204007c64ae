//! A conversation that we begin with a message approved beforehand.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weft_channel_whatsapp::simulator::{Content, Settings, Simulator};
use weft_tests_fleet::{Client, Engines, Fleet, Live};

const ADA: &str = "447700900123";
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until the list of templates is as wanted.
async fn until(admin: &Client, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    weft_testkit::eventually("the templates are as they should be", PATIENCE, async || {
        let page = admin.get(path).await;
        wanted(&page).then_some(page)
    })
    .await
}

fn count(page: &Value) -> usize {
    page["items"].as_array().unwrap().len()
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_begins_with_a_template_and_goes_on_with_words(#[case] engines: Engines) {
    let fleet = Fleet::start(engines).await;
    let admin = fleet.admin().await;
    let settings = Settings { second: Duration::from_millis(50), ..Settings::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (account, secrets) = (settings.account(&base), settings.secrets());
    let simulator = Simulator::new(settings).unwrap();
    let stop = CancellationToken::new();
    let (serving, until_stopped) = (simulator.clone(), stop.clone());
    #[expect(clippy::disallowed_methods, reason = "a test's own task, ended below")]
    let served = tokio::spawn(async move { serving.serve(listener, until_stopped).await });
    let channel = fleet.connect(&admin, "whatsapp", account.into(), secrets.into()).await;
    let mut live = Live::subscribe(&admin).await;

    // connecting lists them
    let path = format!("/v1/channels/{channel}/templates");
    let page = until(&admin, &path, |page| !page["synced_at"].is_null()).await;
    assert_eq!((count(&page), page["fault"].as_str()), (4, Some("")), "{page}");
    let approved = admin.get(&format!("{path}?status=approved&language=en_US")).await;
    assert_eq!(count(&approved), 2, "{approved}");

    simulator.add_customer(ADA, "Ada");
    let begin = json!({"channel_id": channel, "address": format!("+{ADA}")});
    let conversation = admin.post("/v1/conversations", &begin).await;
    let messages = format!("/v1/conversations/{}/messages", conversation["id"].as_str().unwrap());
    let refused = async |body: Value| {
        let (status, problem) = admin.call("POST", &messages, Some(&body)).await;
        (status, problem["reason"].as_str().unwrap().to_owned(), problem["field"].clone())
    };
    let closed = refused(json!({"text": "Hello"})).await;
    assert_eq!((closed.0, closed.1.as_str()), (422, "reply_window_closed"));
    let template = |name: &str, language: &str, variables: Value| json!({"template": {"name": name, "language": language, "variables": variables}});
    let pending = refused(template("welcome", "de", json!(["Ada"]))).await;
    assert_eq!(pending, (422, "template_not_approved".to_owned(), json!("template.name")));
    let nothing = refused(template("welcome", "en_US", json!([]))).await;
    assert_eq!(nothing, (400, "invalid_field".to_owned(), json!("template.variables")));

    let sent = admin.post(&messages, &template("welcome", "en_US", json!(["Ada"]))).await;
    assert_eq!(sent["text"], "Hello Ada, how can we help?");
    let arrived = simulator.wait_for_sent(1).await;
    assert_eq!(
        (arrived[0].kind.as_str(), arrived[0].text.as_str()),
        ("template", "Hello Ada, how can we help?")
    );
    live.event("message.updated", |data| {
        (data["message"]["id"] == sent["id"] && data["message"]["state"] == "read").then_some(())
    })
    .await;

    // who is written to by number is known by an id from then on, which is told beside the states
    let contact = format!("/v1/contacts/{}", conversation["contact"]["id"].as_str().unwrap());
    let has_id = |contact: &Value| {
        let identities = contact["identities"].as_array().unwrap();
        identities.iter().any(|identity| identity["external_id"] != ADA)
    };
    until(&admin, &contact, has_id).await;

    // their answer comes here and opens the window
    simulator.customer_says(ADA, Content::Text("Where is my order?".into())).unwrap();
    let answer = live
        .event("message.created", |data| {
            let message = &data["message"];
            (message["direction"] == "inbound").then(|| message["conversation_id"].clone())
        })
        .await;
    assert_eq!(answer, conversation["id"], "they are the same, by their number and by their id");
    admin.post(&messages, &json!({"text": "On its way."})).await;
    assert_eq!(simulator.wait_for_sent(2).await[1].text, "On its way.");

    // what the provider decides is heard of, and what it does not tell is asked for
    simulator.decide_template("welcome", "de", "APPROVED");
    until(&admin, &format!("{path}?status=approved&language=de"), |page| count(page) == 1).await;
    admin.post(&messages, &template("welcome", "de", json!(["Ada"]))).await;
    assert_eq!(simulator.wait_for_sent(3).await[2].text, "Hallo Ada, wie können wir helfen?");
    let body = json!([{"type": "BODY", "text": "We are back."}]);
    simulator.add_template(json!({"name": "back", "language": "en", "status": "APPROVED", "category": "UTILITY", "components": body}));
    admin.call("POST", &format!("{path}/sync"), Some(&json!({}))).await;
    until(&admin, &path, |page| count(page) == 5).await;
    fleet.stop().await;
    stop.cancel();
    served.await.unwrap().unwrap();
}
