use secrecy::ExposeSecret as _;
use serde_json::Value;
use weft_channel::{
    Adapter as _, Button, Event, Files, Intake, Outbound, SetupError, Transport as _, WebhookCall,
};
use weft_channel_telegram::{
    Telegram,
    simulator::{Content, FileContent},
};

use crate::harness::{ADA, BOB, Hook, World, wrong_token};

#[tokio::test]
async fn a_connected_account_gets_what_customers_say_with_its_own_secret() {
    let mut world = World::start().await;
    let hook = Hook::start(&world.tasks).await;
    let waiting = world.simulator.clone();
    let (outcome, ()) = tokio::join!(world.connect(Some(hook.url.clone())), waiting.wait_until_connected());
    let connected = outcome.unwrap();
    assert_eq!((connected.title.as_str(), connected.intake), ("Acme Support", Intake::Webhook));
    assert_eq!(connected.username.as_deref(), Some("acme_support_bot"));
    assert!(world.account.webhook_secret.as_ref().unwrap().expose_secret().len() >= 32);

    world.simulator.add_customer(ADA, "Ada", "de");
    for content in [
        Content::Start("abc".to_owned()),
        Content::Text("Hello".to_owned()),
        Content::Photo(FileContent { caption: "Broken lid".to_owned(), ..FileContent::default() }),
        Content::Location { latitude: 52.5, longitude: 13.4 },
    ] {
        world.simulator.customer_says(ADA, content).unwrap();
    }
    let events = hook.events(&world.account, 4).await;
    assert!(matches!(events[0].event, Some(Event::Started(ref started)) if started.payload == "abc"));
    assert!(matches!(events[1].event, Some(Event::Message(ref message)) if message.text == "Hello"));
    assert!(matches!(events[2].event, Some(Event::Message(ref message)) if message.media.len() == 1));
    assert!(matches!(events[3].event, Some(Event::Message(ref message)) if message.location.is_some()));
    let contact = events[1].thread.as_ref().unwrap().contact.as_ref().unwrap();
    assert_eq!((contact.name.as_str(), contact.language.as_deref()), ("Ada", Some("de")));
    world.simulator.wait_until_delivered().await;
}

#[tokio::test]
async fn a_wrong_token_is_named_as_the_field_to_change() {
    let mut world = World::start().await;
    world.account.bot_token = wrong_token();
    let error = world.connect(None).await.unwrap_err();
    assert!(matches!(&error, SetupError::Settings { field, .. } if field == "secrets.bot_token"));
    assert!(!format!("{error:?} {error}").contains("AAWrong"));
}

#[tokio::test]
async fn a_failed_update_comes_again_with_its_id_and_holds_back_only_its_own_chat() {
    let mut world = World::start().await;
    let hook = Hook::start(&world.tasks).await;
    world.connect(Some(hook.url.clone())).await.unwrap();
    let says =
        |chat: i64, text: &str| world.simulator.customer_says(chat, Content::Text(text.to_owned())).unwrap();

    hook.answer([(503, Some("0")), (500, None), (500, None)]);
    says(ADA, "one");
    hook.wait_for(3).await;
    says(ADA, "two");
    says(BOB, "other chat");
    let calls = hook.wait_for(6).await;
    let id = |call: &WebhookCall| call.json::<Value>().unwrap()["update_id"].as_i64().unwrap();
    let of = |chat: i64| -> Vec<i64> {
        let in_chat = |call: &&WebhookCall| call.json::<Value>().unwrap()["message"]["chat"]["id"] == chat;
        calls.iter().filter(in_chat).map(id).collect()
    };
    let first = id(&calls[0]);
    assert_eq!(
        of(ADA),
        [first, first, first, first, first + 1],
        "in order, and the failed one again and again"
    );
    assert_eq!(of(BOB).len(), 1);
    assert!(world.simulator.last_webhook_error().unwrap().contains("500"));
    world.simulator.wait_until_delivered().await;
}

#[tokio::test]
async fn a_button_press_comes_with_its_label_and_is_answered() {
    let mut world = World::start().await;
    let hook = Hook::start(&world.tasks).await;
    world.connect(Some(hook.url.clone())).await.unwrap();
    world.simulator.add_customer(ADA, "Ada", "en");
    let yes = Button { title: "Yes".to_owned(), payload: "csat:5".to_owned(), url: None };
    let question = Outbound {
        thread_id: ADA.to_string(),
        text: "Was this helpful?".to_owned(),
        buttons: vec![yes],
        ..Outbound::default()
    };
    world.send(&question, &Files::default()).await.unwrap();
    let asked = world.simulator.wait_for_sent(1).await[0].message_id;

    let press = |data: &str| Content::Callback { message_id: asked, data: data.to_owned() };
    assert!(world.simulator.customer_says(ADA, press("no such")).is_err());
    world.simulator.customer_says(ADA, press("csat:5")).unwrap();
    let calls = hook.wait_for(1).await;
    let received = Telegram.receive(&world.account, &calls[0]).unwrap();
    let Some(Event::Message(message)) = &received.events[0].event else { panic!("{received:?}") };
    assert_eq!((message.text.as_str(), message.postback.as_deref()), ("Yes", Some("csat:5")));
    assert_eq!(message.reply_to, Some(format!("{ADA}:{asked}")));
    for call in received.calls {
        world.transport.call(call).await.unwrap();
    }
    assert_eq!(world.simulator.answered_callbacks().len(), 1);
}

#[tokio::test]
async fn edits_reactions_and_blocking_come_as_their_own_events() {
    let mut world = World::start().await;
    let hook = Hook::start(&world.tasks).await;
    world.connect(Some(hook.url.clone())).await.unwrap();
    let simulator = &world.simulator;
    let message_id = simulator.customer_says(ADA, Content::Text("Helo".to_owned())).unwrap();
    let mut seen = Vec::new();
    let acts = [
        Content::Edit { message_id, text: "Hello".to_owned() },
        Content::Reaction { message_id, emoji: Some("👍".to_owned()) },
        Content::Reaction { message_id, emoji: None },
        Content::Block,
        Content::Unblock,
    ];
    for (count, act) in acts.into_iter().enumerate() {
        // different kinds wait in different queues, so one at a time
        simulator.wait_until_delivered().await;
        simulator.customer_says(ADA, act).unwrap();
        seen = hook.events(&world.account, count + 2).await;
    }
    let word = |event: &Option<Event>| match event {
        Some(Event::Message(message)) => message.text.clone(),
        Some(Event::Edited(edited)) => format!("edited {}", edited.message.as_ref().unwrap().text),
        Some(Event::Reaction(reaction)) => format!("{} {}", reaction.emoji, reaction.removed),
        Some(Event::Reachability(change)) => format!("reachable {}", change.reachable),
        other => panic!("{other:?}"),
    };
    let words: Vec<String> = seen.iter().map(|event| word(&event.event)).collect();
    assert_eq!(words, ["Helo", "edited Hello", "👍 false", "👍 true", "reachable false", "reachable true"]);
}

#[tokio::test]
async fn files_of_customers_can_be_fetched() {
    use futures::TryStreamExt as _;

    let mut world = World::start().await;
    let hook = Hook::start(&world.tasks).await;
    world.connect(Some(hook.url.clone())).await.unwrap();
    let document = |bytes: Vec<u8>| {
        Content::Document(FileContent {
            name: Some("plan.pdf".to_owned()),
            bytes: Some(bytes.into()),
            ..FileContent::default()
        })
    };
    world.simulator.customer_says(ADA, document(b"%PDF-1.4 small".to_vec())).unwrap();
    world.simulator.customer_says(ADA, document(vec![0; 21 * 1024 * 1024])).unwrap();
    let events = hook.events(&world.account, 2).await;
    let media = |index: usize| match &events[index].event {
        Some(Event::Message(message)) => message.media[0].clone(),
        other => panic!("{other:?}"),
    };

    let file = Telegram.fetch_media(&world.account, &media(0), &world.transport).await.unwrap();
    assert_eq!((file.name.as_deref(), file.mime.as_deref()), (Some("plan.pdf"), Some("application/pdf")));
    assert_eq!(file.size, Some(14));
    let chunks: Vec<_> = file.body.try_collect().await.unwrap();
    assert_eq!(chunks.concat(), b"%PDF-1.4 small");

    let error = Telegram.fetch_media(&world.account, &media(1), &world.transport).await.unwrap_err();
    assert_eq!(error.code(), "message_invalid");
    let mut gone = media(0);
    gone.reference = "SimFile99999999".to_owned();
    let error = Telegram.fetch_media(&world.account, &gone, &world.transport).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("AASimulated"));
}
