use chrono::TimeDelta;
use futures::TryStreamExt as _;
use tokio_util::sync::CancellationToken;
use weft_channel::{
    Adapter as _, Addressees, Button, Event, Files, Media, Outbound, SetupError, SimulationOptions,
};
use weft_channel_whatsapp::{
    Whatsapp,
    simulator::{Content, FileContent},
};

use crate::harness::{ADA, BOB, World, text};

fn says(text: &str) -> Content {
    Content::Text(text.to_owned())
}

#[tokio::test]
async fn a_number_connects_once_its_webhook_has_greeted_back() {
    let world = World::start().await;
    let connected = world.connect().await.unwrap();
    assert_eq!(
        (connected.title.as_str(), connected.username.as_deref()),
        ("Acme Support", Some("+12025550100"))
    );

    let with = |change: fn(&mut weft_channel_whatsapp::Account)| {
        let mut account = world.account.clone();
        change(&mut account);
        account
    };
    let cases = [
        (with(|account| account.access_token = "EAAWrong".to_owned().into()), "secrets.access_token"),
        (with(|account| account.phone_number_id = "1".to_owned()), "settings.phone_number_id"),
        (with(|account| account.waba_id = "1".to_owned()), "settings.waba_id"),
        (with(|account| account.verify_token = "wrong".to_owned().into()), "settings.waba_id"),
    ];
    for (account, expected) in cases {
        let context =
            weft_channel::ConnectContext { webhook_url: Some("http://127.0.0.1:9/hooks/x/y".to_owned()) };
        let error = Whatsapp.connect(&account, &context, &world.transport).await.unwrap_err();
        assert!(matches!(&error, SetupError::Settings { field, .. } if field == expected), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("EAA"));
    }
}

#[tokio::test]
async fn what_customers_do_comes_signed_over_escaped_bytes() {
    let world = World::connected().await;
    world.simulator.add_customer(ADA, "Ada Example");
    world.simulator.customer_says(ADA, says("Grüße / ☕ 🎉")).unwrap();
    let place = Content::Location { latitude: 52.5, longitude: 13.4 };
    world.simulator.customer_says(ADA, place).unwrap();
    world.simulator.hide_number(ADA);
    world.simulator.customer_says(ADA, says("without a number")).unwrap();
    let events = world.hook.events(3).await;
    assert_eq!(text(&events[0]), "Grüße / ☕ 🎉");
    assert!(matches!(&events[1].event, Some(Event::Message(message)) if message.location.is_some()));
    let contact = |index: usize| events[index].thread.as_ref().unwrap().contact.clone().unwrap();
    assert_eq!(
        (contact(0).name.as_str(), contact(0).phone.as_deref()),
        ("Ada Example", Some("+447700900123"))
    );
    assert_eq!(
        (contact(2).id, contact(2).phone),
        (contact(0).id, None),
        "the same person, with and without a number"
    );
    assert!(world.hook.calls(1).await.iter().all(|call| call.body.is_ascii()));
}

#[tokio::test]
async fn a_failed_call_comes_again_and_other_numbers_in_it_are_left_alone() {
    let world = World::connected().await;
    world.hook.answer([503, 500]);
    world.simulator.somebody_says_elsewhere("100000000000009", "200000000000009", "not for us");
    world.simulator.customer_says(ADA, says("one")).unwrap();
    world.simulator.customer_says(BOB, says("two")).unwrap();
    let events = world.hook.events(2).await;
    let mut texts: Vec<&str> = events.iter().map(text).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["one", "two"]);
    world.simulator.wait_until_delivered().await;
    assert!(world.simulator.last_webhook_error().unwrap().contains("50"));
    let mut numbers = Vec::new();
    for call in world.hook.calls(1).await {
        match Whatsapp.addressees(&call) {
            Some(Addressees::Called(ids)) => numbers.extend(ids),
            other => panic!("{other:?}"),
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers, ["200000000000001", "200000000000009"]);
}

#[tokio::test]
async fn a_choice_comes_with_its_label_and_what_it_carries() {
    let world = World::connected().await;
    world.simulator.customer_says(ADA, says("Hello")).unwrap();
    let button = |title: &str, payload: &str| Button {
        title: title.to_owned(),
        payload: payload.to_owned(),
        url: None,
    };
    let mut asked = Vec::new();
    for count in [2, 5] {
        let buttons =
            (0..count).map(|index| button(&format!("Slot {index}"), &format!("slot_{index}"))).collect();
        let question =
            Outbound { thread_id: ADA.to_owned(), text: "When?".to_owned(), buttons, ..Outbound::default() };
        asked
            .push(world.send(&question, &Files::default()).await.unwrap()[0].provider_message_ids[0].clone());
    }
    let choose = |to: &str, id: &str| Content::Choice { to: to.to_owned(), id: id.to_owned() };
    assert!(world.simulator.customer_says(ADA, choose(&asked[0], "slot_4")).is_err());
    world.simulator.customer_says(ADA, choose(&asked[0], "slot_1")).unwrap();
    world.simulator.customer_says(ADA, choose(&asked[1], "slot_4")).unwrap();
    // the greeting, the thread's other id, three states of two messages, two choices
    let events = world.hook.events(10).await;
    let chosen: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.event {
            Some(Event::Message(message)) => {
                Some((message.text.clone(), message.postback.clone()?, message.reply_to.clone()?))
            }
            _ => None,
        })
        .collect();
    let expected = |text: &str, payload: &str, to: &str| (text.to_owned(), payload.to_owned(), to.to_owned());
    assert_eq!(chosen, [expected("Slot 1", "slot_1", &asked[0]), expected("Slot 4", "slot_4", &asked[1])]);
}

#[tokio::test]
async fn files_of_customers_can_be_fetched_while_they_are_there() {
    let world = World::connected().await;
    let image = FileContent { caption: "Broken lid".to_owned(), bytes: None };
    world.simulator.customer_says(ADA, Content::Image(image)).unwrap();
    let bytes = Some(bytes::Bytes::from_static(b"%PDF-1.4 small"));
    let document = FileContent { bytes, ..FileContent::default() };
    world.simulator.customer_says(ADA, Content::Document(document)).unwrap();
    let events = world.hook.events(2).await;
    let media: Vec<Media> = events
        .iter()
        .filter_map(|event| match &event.event {
            Some(Event::Message(message)) => message.media.first().cloned(),
            _ => None,
        })
        .collect();
    let file = Whatsapp.fetch_media(&world.account, &media[1], &world.transport).await.unwrap();
    assert_eq!(
        (file.name.as_deref(), file.mime.as_deref()),
        (Some("invoice-17.pdf"), Some("application/pdf"))
    );
    assert_eq!(file.size, Some(14));
    let chunks: Vec<_> = file.body.try_collect().await.unwrap();
    assert_eq!(chunks.concat(), b"%PDF-1.4 small");
    // a new address each time
    world.clock.advance(TimeDelta::minutes(6));
    Whatsapp.fetch_media(&world.account, &media[0], &world.transport).await.unwrap();

    let gone = Media { reference: "900000000000999".to_owned(), ..media[0].clone() };
    let error = Whatsapp.fetch_media(&world.account, &gone, &world.transport).await.unwrap_err();
    assert_eq!(error.code(), "message_invalid");
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
    world.simulator.play(options, CancellationToken::new()).await.unwrap();
    let events = world.hook.events(32).await;
    let without_number = events.iter().filter(|event| {
        event
            .thread
            .as_ref()
            .and_then(|thread| thread.contact.as_ref())
            .is_some_and(|contact| contact.phone.is_none())
    });
    assert_eq!((events.len(), without_number.count()), (32, 8));
}
