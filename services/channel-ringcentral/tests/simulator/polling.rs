use chrono::{TimeDelta, Utc};
use weft_channel::{DeliveryReport, Event, Inbound, call::Outcome, delivery_report::State};
use weft_channel_ringcentral::simulator::{Content, Ending, FaultKind};

use crate::harness::{ADA, World, keys, message};

fn reports(events: &[Inbound]) -> Vec<DeliveryReport> {
    let report = |event: &Inbound| match event.event.clone()? {
        Event::Report(report) => Some(report),
        _ => None,
    };
    events.iter().filter_map(report).collect()
}

#[tokio::test]
async fn what_came_while_nobody_listened_is_found_in_order_and_once() {
    let world = World::start().await;
    world.connect_at(None).await.unwrap();
    for text in ["one", "two", "three"] {
        world.customer(ADA, Content::Text(text.to_owned()));
    }
    let first = world.poll(None).await.unwrap();
    let texts: Vec<String> = first.received.events.iter().map(|event| message(event).text).collect();
    assert_eq!(texts, ["one", "two", "three"]);
    let second = world.poll(first.next_state.as_deref()).await.unwrap();
    assert!(second.received.events.is_empty());
    world.customer(ADA, Content::Text("four".to_owned()));
    let third = world.poll(second.next_state.as_deref()).await.unwrap().received.events;
    assert_eq!((third.len(), message(&third[0]).text.as_str()), (1, "four"));
}

#[tokio::test]
async fn what_was_brought_and_is_found_again_has_the_same_keys() {
    let world = World::connected().await;
    world.customer(ADA, Content::Text("Stop".to_owned()));
    world.customer(ADA, Content::Picture("Look".to_owned()));
    let brought = keys(&world.events().await);
    let found = world.poll(None).await.unwrap();
    assert_eq!(keys(&found.received.events), brought);
    // as after a long time away, when RingCentral remembers nothing of us
    world.simulator.forget_sync_tokens();
    let again = world.poll(found.next_state.as_deref()).await.unwrap();
    assert_eq!(keys(&again.received.events), brought);
}

#[tokio::test]
async fn what_became_of_messages_is_told() {
    let world = World::connected().await;
    let id = world.say(ADA, "Hello").await.unwrap()[0].provider_message_ids[0].clone();
    let polled = world.poll(None).await.unwrap();
    let told = reports(&polled.received.events);
    assert_eq!((told[0].id.as_str(), told[0].state()), (id.as_str(), State::Delivered));

    world.simulator.fail_deliveries(ADA, Some("SMS-CAR-430"));
    world.say(ADA, "Buy now!!!").await.unwrap();
    let polled = world.poll(polled.next_state.as_deref()).await.unwrap();
    let told = reports(&polled.received.events);
    assert_eq!((told[0].state(), told[0].code.as_str()), (State::Failed, "SMS-CAR-430"));
    assert!(told[0].reason.contains("spam"), "{}", told[0].reason);

    world.simulator.fail_deliveries(ADA, None);
    world.customer(ADA, Content::Text("STOP".to_owned()));
    world.say(ADA, "Please come back").await.unwrap();
    let polled = world.poll(polled.next_state.as_deref()).await.unwrap();
    let gone =
        |event: &Inbound| matches!(&event.event, Some(Event::Reachability(change)) if !change.reachable);
    assert_eq!(polled.received.events.iter().filter(|event| gone(event)).count(), 2);
    // what a colleague writes in RingCentral's own app is not ours to show
    world.simulator.owner_writes(ADA, "From the app");
    let polled = world.poll(polled.next_state.as_deref()).await.unwrap();
    assert_eq!(reports(&polled.received.events).len(), polled.received.events.len());
}

#[tokio::test]
async fn calls_and_voicemails_are_asked_for_once_a_minute() {
    let world = World::start().await;
    world.connect_at(None).await.unwrap();
    let now = Utc::now();
    let first = world.poll_at(None, now).await.unwrap();
    world.customer(ADA, Content::Voicemail("The gate is open".to_owned()));
    world.customer(ADA, Content::Call(Ending::Answered));
    let state = first.next_state.as_deref();
    let early = world.poll_at(state, now + TimeDelta::seconds(20)).await.unwrap();
    assert!(early.received.events.is_empty());
    let due = world.poll_at(early.next_state.as_deref(), now + TimeDelta::seconds(61)).await.unwrap();
    let events = due.received.events;
    let said = events.iter().find_map(|event| match event.event.clone()? {
        Event::Transcribed(said) => Some(said),
        _ => None,
    });
    assert_eq!(said.clone().unwrap().transcript.unwrap().text, "The gate is open");
    assert_eq!(said.unwrap().id, message(&events[0]).id);
    let outcomes: Vec<Outcome> = events
        .iter()
        .filter(|event| matches!(event.event, Some(Event::Edited(_))))
        .map(|event| message(event).call.unwrap().outcome())
        .collect();
    assert_eq!(outcomes, [Outcome::Voicemail, Outcome::Answered]);
}

#[tokio::test]
async fn a_token_that_was_taken_back_is_had_anew() {
    let world = World::connected().await;
    world.simulator.take_tokens_back();
    world.customer(ADA, Content::Text("Still there?".to_owned()));
    assert_eq!(world.poll(None).await.unwrap().received.events.len(), 1);
    assert_eq!(world.get("/simulator/state").await["tokens_given"], 2);
}

#[tokio::test]
async fn a_provider_that_asks_to_wait_is_left_alone_for_so_long() {
    let world = World::connected().await;
    world.simulator.fault(FaultKind::RateLimited(45), Some(1));
    let error = world.poll(None).await.unwrap_err();
    assert_eq!(error.retry(), weft_channel::Retry::After(std::time::Duration::from_secs(45)));
}

#[tokio::test]
async fn more_voicemails_than_words_may_be_fetched_for_stop_no_poll() {
    let world = World::start().await;
    world.connect_at(None).await.unwrap();
    for number in 0..41 {
        world.customer(ADA, Content::Voicemail(format!("It is number {number}")));
    }
    let (mut state, mut now, mut messages, mut words) = (None, Utc::now(), 0, 0);
    // in the last of these minutes RingCentral lets no more be fetched
    for minute in 0..9 {
        let polled = world.poll_at(state.as_deref(), now).await.unwrap();
        let heard =
            polled.received.events.iter().filter(|it| matches!(it.event, Some(Event::Transcribed(_))));
        let heard = heard.count();
        assert!(heard <= 5, "{heard} at once in minute {minute}");
        words += heard;
        messages +=
            polled.received.events.iter().filter(|it| matches!(it.event, Some(Event::Message(_)))).count();
        state = polled.next_state;
        now += TimeDelta::seconds(61);
    }
    assert_eq!((messages, words), (41, 40));
}

#[tokio::test]
async fn of_many_messages_that_came_while_nobody_listened_none_is_lost() {
    let world = World::start().await;
    world.connect_at(None).await.unwrap();
    let said: Vec<String> =
        (0..1300).map(|number| world.customer(ADA, Content::Text(number.to_string()))).collect();
    let first = world.poll(None).await.unwrap();
    let second = world.poll(first.next_state.as_deref()).await.unwrap();
    let ids = |events: &[Inbound]| events.iter().map(|event| message(event).id).collect::<Vec<_>>();
    let (newer, older) = (ids(&first.received.events), ids(&second.received.events));
    assert!(said.ends_with(&newer) && newer.len() >= 750, "{}", newer.len());
    let all: std::collections::BTreeSet<String> = newer.into_iter().chain(older).collect();
    assert_eq!(all, said.into_iter().collect());
    let third = world.poll(second.next_state.as_deref()).await.unwrap();
    assert!(third.received.events.is_empty());
}
