use std::time::Duration;

use bytes::Bytes;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use weft_channel_voice_twilio::simulator::{Plan, Settings, Simulator};
use weft_http::Multipart;
use weft_runtime::TaskSet;
use weft_tests_fleet::{Client, Engines, Fleet, Live};

const ADA: &str = "+12025550143";
/// What the local programs say and understand.
const SENTENCE: &str = "tickets for tomorrow";

/// A provider of calls, and a channel connected to it.
struct Line {
    simulator: Simulator,
    tasks: TaskSet,
}

impl Line {
    async fn start(fleet: &Fleet, admin: &Client) -> Self {
        let own = Settings::default();
        let (secrets, tasks) = (json!({"auth_token": own.auth_token}), TaskSet::new("line"));
        let simulator = Simulator::new(own.clone()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (served, stop) = (simulator.clone(), tasks.stop_token());
        tasks.spawn("simulator", async move { served.serve(listener, stop).await });
        let menu = json!({"do": "menu", "say": "Press one.", "choices": [{"key": "1", "label": "Tickets",
            "then": {"do": "voicemail"}}]});
        let settings = json!({"account_sid": own.account_sid, "from_number": own.number, "api_base": base, "menu": menu});
        fleet.connect(admin, "voice-twilio", settings, secrets).await;
        Self { simulator, tasks }
    }
}

/// The state of a call that comes next on the live socket, with its message.
async fn call(live: &mut Live, state: &str) -> Value {
    live.event(if state == "ringing" { "message.created" } else { "message.updated" }, |data| {
        let message = &data["message"];
        (message["kind"] == "call" && message["call"]["state"] == state).then(|| message.clone())
    })
    .await
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn calls_are_seen_live_messages_are_written_down_and_answers_are_spoken(#[case] engines: Engines) {
    let fleet = Fleet::start(engines).await;
    let admin = fleet.admin().await;
    admin.patch("/v1/voice-settings", &json!({"transcribe": true})).await;
    let line = Line::start(&fleet, &admin).await;
    let mut live = Live::subscribe(&admin).await;

    // somebody leaves a message
    let plan = Plan { keys: "1".to_owned(), message: true, answered: false };
    line.simulator.call(ADA, plan).await.unwrap();
    let ringing = call(&mut live, "ringing").await;
    assert_eq!(ringing["direction"], "inbound");
    let heard = live
        .event("message.updated", |data| {
            let transcript = &data["message"]["attachments"][0]["transcript"];
            transcript["text"].is_string().then(|| data["message"].clone())
        })
        .await;
    assert_eq!(heard["attachments"][0]["transcript"]["text"], SENTENCE);
    assert_eq!(heard["reply_to"], ringing["id"]);
    let log = format!("/v1/conversations/{}/messages", ringing["conversation_id"].as_str().unwrap());
    weft_testkit::eventually("the call has ended", Duration::from_secs(20), async || {
        let items = admin.get(&log).await["items"].as_array().unwrap().clone();
        let call = items.into_iter().find(|item| item["kind"] == "call").unwrap();
        let ended = json!({"state": "ended", "outcome": "voicemail", "seconds": 42, "choices": ["Tickets"]});
        (call["call"] == ended).then_some(())
    })
    .await;

    // somebody gives up
    line.simulator.call("+12025550144", Plan::default()).await.unwrap();
    assert_eq!(call(&mut live, "ended").await["call"]["outcome"], "missed");

    // an answer is spoken on the telephone
    let answer = admin.post(&log, &json!({"text": "We call you back."})).await;
    let delivered = |data: &Value| {
        let message = &data["message"];
        (message["id"] == answer["id"] && message["state"] == "delivered").then_some(())
    };
    live.event("message.updated", delivered).await;
    let spoken = line.simulator.spoken().remove(0);
    assert_eq!((spoken.to.as_str(), spoken.words.as_str()), (ADA, "We call you back."));
    drop(line.tasks);
    fleet.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_speaks_with_a_chat_over_rest() {
    let fleet = Fleet::start(Engines::Embedded).await;
    let admin = fleet.admin().await;
    let mut live = Live::subscribe(&admin).await;
    let secrets = json!({"token": "t", "webhook_secret": "s"});
    let channel = fleet.connect(&admin, "echo", json!({"api_base": "http://127.0.0.1:9/"}), secrets).await;
    super::matrix::things::say(&admin, &channel, "m1", "Hello").await;
    let hello = live.event("message.created", |data| Some(data["message"].clone())).await;
    let conversation = hello["conversation_id"].as_str().unwrap();

    // what the service speaks, it hears
    let speech = admin.post("/v1/voice/synthesize", &json!({"text": SENTENCE, "format": "wav"})).await;
    let spoken = admin.post("/v1/voice/transcribe", &json!({"file_id": speech["file"]["id"]})).await;
    assert_eq!(spoken["text"], SENTENCE);
    let link =
        admin.get(&format!("/v1/files/{}", speech["file"]["id"].as_str().unwrap())).await["url"].clone();
    let recording = admin.send(Client::nobody(&fleet.base).request("GET", link.as_str().unwrap())).await.body;

    let form = Multipart::new().file("file", "question.wav", "audio/wav", Bytes::clone(&recording));
    let file = admin.send(admin.request("POST", "/v1/files").multipart(form)).await.json::<Value>().unwrap();
    let question =
        json!({"conversation_id": conversation, "file_id": file["id"], "from": "contact", "answer": {}});
    let asked = admin.post("/v1/voice/messages", &question).await;
    assert_eq!(
        (&asked["message"]["text"], &asked["message"]["direction"]),
        (&json!(SENTENCE), &json!("inbound"))
    );
    assert_eq!(asked["answer"]["state"], "waiting");
    let answer = json!({"text": "tickets for tomorrow"});
    admin.post(&format!("/v1/conversations/{conversation}/messages"), &answer).await;
    let told = live.event("spoken_answer.created", |data| Some(data["answer"].clone())).await;
    assert_eq!(told["message_id"], asked["message"]["id"]);
    let path = format!("/v1/voice/messages/{}/answer", told["message_id"].as_str().unwrap());
    let shown = admin.get(&path).await;
    assert_eq!((&shown["state"], &shown["file_id"]), (&json!("spoken"), &told["file_id"]));
    let again = admin.post("/v1/voice/transcribe", &json!({"file_id": shown["file_id"]})).await;
    assert_eq!(again["text"], SENTENCE);
    fleet.stop().await;
}
