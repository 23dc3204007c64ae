//! The adapter and the simulator, against each other over HTTP.
#![expect(clippy::unwrap_used, reason = "a test")]

mod changing;
mod world;

use std::sync::Arc;

use bytes::BytesMut;
use futures::TryStreamExt as _;
use serde_json::{Value, json};
use weft_channel::{
    Adapter as _, Attachment, Button, ConnectContext, Event, File, Files, Media, Outbound, ProviderCall,
    SetupError, SimulationOptions, Transport as _, VerifyError, attachment,
    script::{Line, Script},
};
use weft_channel_teams::{
    Teams,
    simulator::{APP_ID, APP_SECRET, Fault, Forgery, Says},
};

use world::{ADA, HER_CONVERSATION, World, account, authorized, believed, message};

#[tokio::test]
async fn a_person_writes_and_is_answered() {
    let world = World::start().await;
    let context = ConnectContext { webhook_url: Some("https://weft.example/hooks/teams/chan_1".to_owned()) };
    Teams.connect(&world.account, &context, &world.http).await.unwrap();
    let mut calls = world.listen().await;
    let id = world.simulator.customer_says(ADA, Says::Text("Hello".to_owned()));
    let call = believed(&mut calls).await;
    let events = world.read(&call);
    assert_eq!(message(&events).text, "Hello");
    let thread = events[0].thread.as_ref().unwrap().id.clone();
    assert_eq!(
        (thread.as_str(), message(&events).id.as_str()),
        (HER_CONVERSATION, format!("{thread}/{id}").as_str())
    );
    let routes = Teams.receive(&world.account, &call).unwrap().routes;
    assert_eq!(routes, [(thread.clone(), format!("{}/emea/", world.base))]);

    let answer = Outbound {
        thread_id: thread.clone(),
        text: "We are on it.".to_owned(),
        reply_to: Some(message(&events).id.clone()),
        ..Outbound::default()
    };
    let receipts = world.send(answer, &Files::default()).await.unwrap();
    let sent = world.simulator.wait_for_sent(1).await;
    assert_eq!(receipts[0].provider_message_ids, [format!("{thread}/{}", sent[0].id)]);
    assert_eq!(
        (sent[0].activity["text"].as_str(), sent[0].region.as_str()),
        (Some("We are on it."), "teams")
    );
    assert_eq!(sent[0].activity["replyToId"].as_str(), Some(id.as_str()));

    Teams.typing(&world.account, &thread, &world.transport).await.unwrap();
    assert_eq!(world.simulator.typing(), [HER_CONVERSATION]);
}

#[tokio::test]
async fn a_forged_token_is_refused() {
    let world = World::start().await;
    let mut calls = world.listen().await;
    let table = [
        (Forgery::Expired, VerifyError::Stale),
        (Forgery::WrongAudience, VerifyError::Wrong),
        (Forgery::WrongIssuer, VerifyError::Wrong),
        (Forgery::Unsigned, VerifyError::Wrong),
        (Forgery::OtherService, VerifyError::Wrong),
        (Forgery::Missing, VerifyError::Missing),
        (Forgery::UnknownKey, VerifyError::UnknownKey),
    ];
    for (forgery, why) in table {
        assert_eq!(world.simulator.forge(forgery).await, Some(401), "{forgery:?}");
        assert_eq!(calls.recv().await.unwrap().unwrap_err(), why, "{forgery:?}");
    }
    world.simulator.customer_says(ADA, Says::Text("genuine".to_owned()));
    assert_eq!(message(&world.read(&believed(&mut calls).await)).text, "genuine");
}

#[tokio::test]
async fn a_new_key_is_believed_once_it_is_published() {
    let world = World::start().await;
    let mut calls = world.listen().await;
    world.simulator.rotate_key().unwrap();
    world.simulator.customer_says(ADA, Says::Text("too early".to_owned()));
    assert_eq!(calls.recv().await.unwrap().unwrap_err(), VerifyError::UnknownKey);
    world.fetch_keys().await;
    world.simulator.customer_says(ADA, Says::Text("found".to_owned()));
    assert_eq!(message(&world.read(&believed(&mut calls).await)).text, "found");
}

#[tokio::test]
async fn a_token_is_kept_and_had_anew_when_it_was_taken_back() {
    let world = World::start().await;
    world.say(HER_CONVERSATION, "one").await.unwrap();
    world.simulator.fail_next(Fault::TokensTakenBack);
    world.say(HER_CONVERSATION, "two").await.unwrap();
    world.say(HER_CONVERSATION, "three").await.unwrap();
    assert_eq!(world.simulator.sent().len(), 3);

    let stranger = account(&world.base, "another-secret");
    let transport = authorized(&stranger, &world.http);
    let hello =
        Outbound { thread_id: HER_CONVERSATION.to_owned(), text: "Hi".to_owned(), ..Outbound::default() };
    let refused = Teams.send(&stranger, &hello, &Files::default(), &transport).await.unwrap_err();
    assert_eq!(refused.code(), "account_invalid");
    let refused = Teams.connect(&stranger, &ConnectContext::default(), &world.http).await.unwrap_err();
    assert!(matches!(refused, SetupError::Settings { field, .. } if field == "secrets.app_secret"));
    let nowhere = Teams.connect(&world.account, &ConnectContext::default(), &world.http).await.unwrap_err();
    assert!(nowhere.to_string().contains("no address"), "{nowhere}");
}

#[tokio::test]
async fn what_people_do_with_messages_arrives() {
    let world = World::start().await;
    let mut calls = world.listen().await;
    let id = world.simulator.customer_says(ADA, Says::Text("Helo".to_owned()));
    let named = message(&world.read(&believed(&mut calls).await)).id.clone();
    let mut next = async |says: Says| {
        world.simulator.customer_says(ADA, says);
        let call = believed(&mut calls).await;
        world.read(&call).remove(0).event.unwrap()
    };
    let edited = next(Says::Edit(id.clone(), "Hello".to_owned())).await;
    assert!(matches!(&edited, Event::Edited(new) if new.message.as_ref().unwrap().text == "Hello"));
    let reacted = next(Says::React(id.clone(), "like".to_owned())).await;
    assert!(matches!(&reacted, Event::Reaction(it) if it.emoji == "👍" && it.message_id == named));
    let deleted = next(Says::Delete(id)).await;
    assert!(matches!(&deleted, Event::Deleted(it) if it.id == named));
    assert!(matches!(next(Says::Typing).await, Event::Typing(it) if it.on));
    let executed = next(Says::Execute("csat".to_owned())).await;
    assert!(matches!(&executed, Event::Message(it) if it.postback.as_deref() == Some("csat")));
    assert!(matches!(next(Says::Uninstall).await, Event::Reachability(it) if !it.reachable));
    assert!(matches!(next(Says::Install).await, Event::Reachability(it) if it.reachable));
    let called = next(Says::Channel("help".to_owned())).await;
    assert!(matches!(&called, Event::Message(it) if it.text == "help"));
    assert!(matches!(next(Says::Block).await, Event::Reachability(it) if !it.reachable));
    assert_eq!(world.say(HER_CONVERSATION, "Hi").await.unwrap_err().code(), "recipient_gone");
}

#[tokio::test]
async fn buttons_go_as_a_card_and_come_back() {
    let world = World::start().await;
    let mut calls = world.listen().await;
    let question = Outbound {
        thread_id: HER_CONVERSATION.to_owned(),
        text: "How was it?".to_owned(),
        buttons: vec![Button { title: "Great".to_owned(), payload: "csat=5".to_owned(), url: None }],
        ..Outbound::default()
    };
    world.send(question, &Files::default()).await.unwrap();
    let sent = world.simulator.wait_for_sent(1).await;
    let data = sent[0].activity["attachments"][0]["content"]["actions"][0]["data"].clone();
    world.simulator.customer_says(ADA, Says::Press(sent[0].id.clone(), data));
    let events = world.read(&believed(&mut calls).await);
    let said = message(&events);
    assert_eq!((said.text.as_str(), said.postback.as_deref()), ("Great", Some("csat=5")));
    assert_eq!(said.reply_to.as_deref(), Some(format!("{HER_CONVERSATION}/{}", sent[0].id).as_str()));
}

#[tokio::test]
async fn pictures_are_fetched_with_the_token_and_other_files_without() {
    let world = World::start().await;
    let mut calls = world.listen().await;
    let mut fetch = async |says: Says| {
        world.simulator.customer_says(ADA, says);
        let events = world.read(&believed(&mut calls).await);
        let media = message(&events).media[0].clone();
        let file = Teams.fetch_media(&world.account, &media, &world.transport).await.unwrap();
        let bytes: BytesMut = file.body.try_collect().await.unwrap();
        (file.mime.unwrap(), bytes)
    };
    let (mime, bytes) = fetch(Says::Picture).await;
    assert!(mime == "image/png" && bytes.starts_with(b"\x89PNG"));

    // another host than the one that conversations are answered at
    let elsewhere = World::start().await;
    let media = Media { reference: format!("{}/download?tempauth=x", elsewhere.base), ..Media::default() };
    let file = Teams.fetch_media(&world.account, &media, &world.transport).await.unwrap();
    assert_eq!(file.mime.as_deref(), Some("application/pdf"));
}

#[tokio::test]
async fn pictures_and_files_go_by_link() {
    let world = World::start().await;
    let attached = |kind: attachment::Kind, id: &str| Attachment {
        id: id.to_owned(),
        name: id.to_owned(),
        kind: kind.into(),
        size: 4,
        ..Attachment::default()
    };
    let file = |name: &str, mime: &str| {
        let link = format!("https://files.example.org/{name}").parse().ok();
        (name.to_owned(), File { name: name.to_owned(), mime: mime.to_owned(), bytes: "data".into(), link })
    };
    let files: Files = [file("a.png", "image/png"), file("b.pdf", "application/pdf")].into_iter().collect();
    let outbound = Outbound {
        thread_id: HER_CONVERSATION.to_owned(),
        attachments: vec![
            attached(attachment::Kind::Image, "a.png"),
            attached(attachment::Kind::File, "b.pdf"),
        ],
        ..Outbound::default()
    };
    let receipts = world.send(outbound, &files).await.unwrap();
    assert_eq!(receipts[1].warnings.len(), 1);
    let sent = world.simulator.sent();
    assert_eq!(sent[0].activity["attachments"][0]["contentUrl"], "https://files.example.org/a.png");
    assert_eq!(sent[1].activity["text"], "b.pdf\nhttps://files.example.org/b.pdf");
}

#[tokio::test]
async fn what_goes_wrong_is_said_in_plain_words() {
    let world = World::start().await;
    for (fault, code) in [
        (Fault::Throttled, "throttled"),
        (Fault::TryAgain, "unreachable"),
        (Fault::BadGateway, "unreachable"),
        (Fault::GatewayTimeout, "unclear"),
        (Fault::Removed, "recipient_gone"),
    ] {
        // so that there is a token: a call without one would take the fault with it
        world.say(HER_CONVERSATION, "Hi").await.unwrap();
        world.simulator.fail_next(fault);
        assert_eq!(world.say(HER_CONVERSATION, "Hi").await.unwrap_err().code(), code, "{fault:?}");
    }
    assert_eq!(world.say("a:1Nobody", "Hi").await.unwrap_err().code(), "recipient_gone");
}

#[tokio::test]
async fn the_simulator_refuses_what_the_real_one_refuses() {
    let world = World::start().await;
    let form = |client: &str, secret: &str| {
        let scope = "https://api.botframework.com/.default";
        [
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("client_secret", secret),
            ("scope", scope),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let login = async |client: &str, secret: &str| {
        let url = format!("{}/botframework.com/oauth2/v2.0/token", world.base).parse().unwrap();
        let call = ProviderCall::post(url, "token").form(form(client, secret).into());
        world.http.call(call).await.unwrap().json::<Value>().unwrap()
    };
    assert_eq!(login(APP_ID, "wrong").await["error"], "invalid_client");
    assert_eq!(login("another", APP_SECRET).await["error"], "unauthorized_client");
    let token = login(APP_ID, APP_SECRET).await["access_token"].as_str().unwrap().to_owned();

    let activities = format!("/emea/v3/conversations/{HER_CONVERSATION}/activities");
    let table = [
        (activities.clone(), "wrong", json!({"type": "message", "text": "Hi"}), 401, "Unauthorized"),
        (activities.clone(), token.as_str(), json!({"type": "message"}), 400, "BadSyntax"),
        (
            activities.clone(),
            &token,
            json!({"type": "message", "text": "x".repeat(30_000)}),
            413,
            "MessageSizeTooBig",
        ),
        (
            format!("{activities}/1"),
            &token,
            json!({"type": "message", "text": "x"}),
            400,
            "ActivityNotFoundInConversation",
        ),
        (
            "/emea/v3/conversations/a:1Nobody/activities".to_owned(),
            &token,
            json!({"type": "message", "text": "x"}),
            404,
            "ConversationNotFound",
        ),
        (
            "/emea/v3/conversations".to_owned(),
            &token,
            json!({"members": [{"id": "29:1Nobody"}]}),
            400,
            "BadArgument",
        ),
    ];
    for (path, token, body, status, code) in table {
        let reply = world.call(&path, token, body).await;
        let answer: Value = reply.json().unwrap();
        assert_eq!((reply.status.as_u16(), answer["error"]["code"].as_str()), (status, Some(code)), "{path}");
    }
    let opened = world.call("/emea/v3/conversations", &token, json!({"members": [{"id": ADA}]})).await;
    assert_eq!(opened.json::<Value>().unwrap()["id"], HER_CONVERSATION);
    let mut last = 0;
    for _ in 0..8 {
        last = world.call(&activities, &token, json!({"type": "message", "text": "x"})).await.status.as_u16();
    }
    assert_eq!(last, 429, "more than seven in a second");
}

#[tokio::test]
async fn it_can_be_driven_from_outside_and_plays_by_itself() {
    let world = World::start().await;
    let mut calls = world.listen().await;
    let path = format!("/simulator/customers/{ADA}/messages");
    assert_eq!(world.call(&path, "", json!({"text": "Hello"})).await.status, 201);
    assert_eq!(world.call("/simulator/faults", "", json!("throttled")).await.status, 204);
    assert_eq!(
        world.call("/simulator/forgeries", "", json!("expired")).await.json::<Value>().unwrap(),
        json!({"answered": 401})
    );
    believed(&mut calls).await;
    assert_eq!(calls.recv().await.unwrap().unwrap_err(), VerifyError::Stale);

    let mut script = Script::default();
    for person in &mut script.people {
        person.lines[5] = Line::Does("mention".to_owned());
    }
    let script = Arc::new(script);
    let options = SimulationOptions { customers: 3, per_second: 1000.0, messages: Some(18), script };
    world.simulator.play(options, world.tasks.stop_token()).await.unwrap();
    let mut keys = std::collections::BTreeSet::new();
    for _ in 0..18 {
        keys.extend(world.read(&believed(&mut calls).await).into_iter().map(|event| event.key));
    }
    assert_eq!(keys.len(), 18);
}
