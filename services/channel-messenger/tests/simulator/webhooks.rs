use chrono::TimeDelta;
use futures::TryStreamExt as _;
use tokio_util::sync::CancellationToken;
use weft_channel::{
    Adapter as _, Addressees, Button, ConnectContext, Event, Files, Media, Outbound, SetupError,
    SimulationOptions, Transport as _,
};
use weft_channel_messenger::{
    Account, Messenger,
    simulator::{Content, Shown},
};

use crate::harness::{ADA, BOB, World, text};

fn says(text: &str) -> Content {
    Content::Text(text.to_owned())
}

#[tokio::test]
async fn a_page_connects_once_its_webhook_has_greeted_back() {
    let world = World::start().await;
    assert_eq!(world.connect(&world.account).await.unwrap().title, "Acme Support");

    let with = |change: fn(&mut Account)| {
        let mut account = world.account.clone();
        change(&mut account);
        account
    };
    let cases = [
        (
            with(|account| account.page_access_token = "EAAWrong".to_owned().into()),
            "secrets.page_access_token",
        ),
        (with(|account| account.page_id = "1".to_owned()), "settings.page_id"),
        (with(|account| account.app_id = Some("1".to_owned())), "settings.app_id"),
        (with(|account| account.app_secret = "wrong".to_owned().into()), "settings.app_id"),
    ];
    for (account, expected) in cases {
        let error = world.connect(&account).await.unwrap_err();
        assert!(matches!(&error, SetupError::Settings { field, .. } if field == expected), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("EAA"));
    }
    let deaf = with(|account| account.verify_token = "wrong".to_owned().into());
    let error = world.connect(&deaf).await.unwrap_err();
    assert!(error.to_string().contains("Callback verification failed"), "{error}");
}

#[tokio::test]
async fn without_an_app_id_the_webhook_is_left_to_the_console() {
    let world = World::start().await;
    let account = Account { app_id: None, ..world.account.clone() };
    let nowhere = ConnectContext::default();
    for connected in
        [world.connect(&account).await, Messenger.connect(&world.account, &nowhere, &world.transport).await]
    {
        assert_eq!(connected.unwrap().title, "Acme Support");
    }
}

#[tokio::test]
async fn what_customers_do_comes_signed_over_escaped_bytes() {
    let world = World::connected().await;
    let said = world.simulator.customer_says(ADA, says("Grüße / ☕ 🎉")).unwrap();
    let answer = Content::Reply { to: said.clone(), text: "I mean that".to_owned() };
    world.simulator.customer_says(ADA, answer).unwrap();
    let reaction = |emoji: &str| Content::Reaction { message_id: said.clone(), emoji: emoji.to_owned() };
    world.simulator.customer_says(ADA, reaction("😍")).unwrap();
    world.clock.advance(TimeDelta::seconds(1));
    world.simulator.customer_says(ADA, reaction("")).unwrap();
    let edit = Content::Edit { message_id: said.clone(), text: "Hello".to_owned() };
    world.simulator.customer_says(ADA, edit).unwrap();
    world.simulator.customer_says(ADA, Content::Unsend { message_id: said.clone() }).unwrap();
    let events = world.hook.events(6).await;
    assert_eq!(text(&events[0]), "Grüße / ☕ 🎉");
    assert!(
        matches!(&events[1].event, Some(Event::Message(answer)) if answer.reply_to.as_ref() == Some(&said))
    );
    assert!(matches!(&events[2].event, Some(Event::Reaction(set)) if set.emoji == "😍" && !set.removed));
    assert!(events.iter().any(|event| matches!(&event.event, Some(Event::Reaction(set)) if set.removed)));
    assert!(events.iter().any(|event| matches!(&event.event, Some(Event::Edited(_)))));
    assert!(
        events
            .iter()
            .any(|event| matches!(&event.event, Some(Event::Deleted(deleted)) if deleted.id == said))
    );
    assert!(world.hook.calls(1).await.iter().all(|call| call.body.is_ascii()));
}

#[tokio::test]
async fn a_failed_call_comes_again_and_other_pages_in_it_are_left_alone() {
    let world = World::connected().await;
    world.hook.answer([503, 500]);
    world.simulator.somebody_says_elsewhere("300000000000009", "not for us");
    world.simulator.customer_says(ADA, says("one")).unwrap();
    world.simulator.customer_says(BOB, says("two")).unwrap();
    let events = world.hook.events(2).await;
    let mut texts: Vec<&str> = events.iter().map(text).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["one", "two"]);
    world.simulator.wait_until_delivered().await;
    assert!(world.simulator.last_webhook_error().unwrap().contains("50"));
    let mut pages = Vec::new();
    for call in world.hook.calls(1).await {
        match Messenger.addressees(&call) {
            Some(Addressees::Called(ids)) => pages.extend(ids),
            other => panic!("{other:?}"),
        }
    }
    pages.sort_unstable();
    pages.dedup();
    assert_eq!(pages, ["300000000000001", "300000000000009"]);
}

#[tokio::test]
async fn a_choice_comes_with_its_label_and_what_it_carries() {
    let world = World::connected().await;
    world.simulator.customer_says(ADA, says("Hello")).unwrap();
    let button = |title: &str, payload: &str, url: Option<&str>| Button {
        title: title.to_owned(),
        payload: payload.to_owned(),
        url: url.map(str::to_owned),
    };
    let agent = button("Agent", "AGENT", None);
    let mut asked = Vec::new();
    for other in [button("Bot", "BOT", None), button("FAQ", "", Some("https://example.com/faq"))] {
        let buttons = vec![agent.clone(), other];
        let question =
            Outbound { thread_id: ADA.to_owned(), text: "Whom?".to_owned(), buttons, ..Outbound::default() };
        asked
            .push(world.send(&question, &Files::default()).await.unwrap()[0].provider_message_ids[0].clone());
    }
    let choose =
        |to: &str, payload: &str| Content::Choice { to: Some(to.to_owned()), payload: payload.to_owned() };
    assert!(world.simulator.customer_says(ADA, choose(&asked[0], "NOBODY")).is_err());
    world.simulator.customer_says(ADA, choose(&asked[0], "AGENT")).unwrap();
    world.simulator.customer_says(ADA, choose(&asked[1], "AGENT")).unwrap();
    // the greeting; echo and delivery of two messages, read to one time; two choices
    let events = world.hook.events(8).await;
    let chosen: Vec<(String, String)> = events
        .iter()
        .filter_map(|event| match &event.event {
            Some(Event::Message(message)) => Some((message.text.clone(), message.postback.clone()?)),
            _ => None,
        })
        .collect();
    assert_eq!(chosen, [("Agent".to_owned(), "AGENT".to_owned()), ("Agent".to_owned(), "AGENT".to_owned())]);
}

#[tokio::test]
async fn files_of_customers_can_be_fetched_while_they_are_there() {
    let world = World::connected().await;
    world.simulator.customer_says(ADA, Content::Image {}).unwrap();
    world.simulator.customer_says(ADA, Content::File {}).unwrap();
    let events = world.hook.events(2).await;
    let media: Vec<Media> = events
        .iter()
        .filter_map(|event| match &event.event {
            Some(Event::Message(message)) => message.media.first().cloned(),
            _ => None,
        })
        .collect();
    let file = Messenger.fetch_media(&world.account, &media[1], &world.transport).await.unwrap();
    assert_eq!(
        (file.name.as_deref(), file.mime.as_deref()),
        (Some("invoice-17.pdf"), Some("application/pdf"))
    );
    let chunks: Vec<_> = file.body.try_collect().await.unwrap();
    assert!(chunks.concat().starts_with(b"%PDF"));
    world.clock.advance(TimeDelta::hours(2));
    let error = Messenger.fetch_media(&world.account, &media[0], &world.transport).await.unwrap_err();
    assert_eq!(error.code(), "404");
}

#[tokio::test]
async fn messages_are_shown_as_seen_where_it_is_wished() {
    let world = World::connected().await;
    world.simulator.customer_says(ADA, says("Hello")).unwrap();
    let calls = world.hook.calls(1).await;
    let account = Account { mark_as_read: true, ..world.account.clone() };
    for call in Messenger.receive(&account, &calls[0]).unwrap().calls {
        assert!(world.transport.call(call).await.unwrap().status.is_success());
    }
    assert_eq!(world.simulator.shown(), [Shown { to: ADA.to_owned(), action: "mark_seen".to_owned() }]);
}

#[tokio::test]
async fn playing_writes_as_many_messages_as_asked() {
    let world = World::connected().await;
    let options = SimulationOptions {
        customers: 8,
        per_second: 1000.0,
        messages: Some(32),
        ..SimulationOptions::default()
    };
    world.simulator.play("messenger", options, CancellationToken::new()).await.unwrap();
    assert_eq!(world.hook.events(32).await.len(), 32);
}
