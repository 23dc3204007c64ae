use futures::TryStreamExt as _;
use serde_json::{Value, json};
use weft_channel::{
    Adapter as _, Call, Event,
    call::{Outcome, State},
};
use weft_channel_voice_twilio::{VoiceTwilio, simulator::Plan};

use crate::harness::{ADA, World};

fn menu() -> Value {
    json!({"menu": {"do": "menu", "say": "Press one for tickets, two for the shop.", "choices": [
        {"key": "1", "label": "Tickets", "then": {"do": "queue", "name": "tickets", "say": "Please hold."}},
        {"key": "2", "label": "Shop", "then": {"do": "call", "numbers": ["+12025550101"], "otherwise": {"do": "voicemail"}}},
    ]}})
}

/// What is told of the call itself.
fn calls(events: &[Event]) -> Vec<Call> {
    let of = |event: &Event| match event {
        Event::Message(message) => message.call.clone(),
        Event::Edited(edited) => edited.message.as_ref().and_then(|message| message.call.clone()),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

fn has_ended(events: &[Event]) -> bool {
    calls(events).iter().any(|call| call.state() == State::Ended)
}

#[tokio::test]
async fn callers_are_led_through_menus_to_those_who_answer() {
    let world = World::start(menu()).await;
    world.connect().await.unwrap();
    let plan = Plan { keys: "1".to_owned(), answered: true, ..Plan::default() };
    let heard = world.simulator.call(ADA, plan).await.unwrap();
    let expected = [
        "Hello, and thank you for calling.",
        "Press one for tickets, two for the shop.",
        "Please hold.",
        "Goodbye.",
    ];
    assert_eq!(heard, expected);
    let told = calls(&world.until(has_ended).await);
    let states: Vec<_> = told.iter().map(Call::state).collect();
    assert_eq!(states, [State::Ringing, State::Ringing, State::Waiting, State::Talking, State::Ended]);
    assert_eq!(told.iter().find(|call| !call.choices.is_empty()).unwrap().choices, ["Tickets"]);
}

#[tokio::test]
async fn a_message_comes_as_a_recording_and_with_the_words_that_were_heard() {
    let world = World::start({
        let mut settings = menu();
        settings["transcribe"] = json!(true);
        settings
    })
    .await;
    world.connect().await.unwrap();
    let plan = Plan { keys: "2".to_owned(), message: true, answered: false };
    world.simulator.call(ADA, plan).await.unwrap();
    let events = world
        .until(|events| {
            has_ended(events) && events.iter().any(|event| matches!(event, Event::Transcribed(_)))
        })
        .await;
    assert!(calls(&events).iter().any(|call| call.outcome() == Outcome::Voicemail));
    let recording = events.iter().find_map(|event| match event {
        Event::Message(message) if !message.media.is_empty() => Some(message.clone()),
        _ => None,
    });
    let recording = recording.unwrap();
    assert!(recording.reply_to.is_some());
    let Some(Event::Transcribed(words)) = events.iter().find(|one| matches!(one, Event::Transcribed(_)))
    else {
        panic!("a transcript")
    };
    assert_eq!(
        (words.id.as_str(), words.transcript.as_ref().unwrap().text.as_str()),
        (recording.id.as_str(), "Tickets for tomorrow.")
    );
    let file = VoiceTwilio.fetch_media(&world.account, &recording.media[0], &world.transport).await.unwrap();
    let bytes: Vec<u8> =
        file.body.try_fold(Vec::new(), async |all, part| Ok([all, part.to_vec()].concat())).await.unwrap();
    assert!(bytes.len() > 1000);
}

#[tokio::test]
async fn who_presses_nothing_hears_the_menu_twice_and_is_let_go() {
    let world = World::start(menu()).await;
    world.connect().await.unwrap();
    let heard = world.simulator.call(ADA, Plan::default()).await.unwrap();
    let times = heard.iter().filter(|words| words.starts_with("Press one")).count();
    assert_eq!((times, heard.last().map(String::as_str)), (2, Some("Goodbye.")));
    let told = calls(&world.until(has_ended).await);
    assert!(told.iter().all(|call| call.outcome() == Outcome::Unspecified && call.state() != State::Talking));
    assert_eq!(world.simulator.last_webhook_error(), None);
}
