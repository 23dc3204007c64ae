use serde_json::json;
use weft_channel::{
    Event,
    call::{Outcome, State},
    thread,
};
use weft_channel_ringcentral::simulator::{Content, Ending, Oddities};

use crate::harness::{ADA, BEN, World, keys, message};

#[tokio::test]
async fn everything_a_customer_does_is_brought_and_believed() {
    let world = World::connected().await;
    world.simulator.add_customer(ADA, "Ada");
    let id = world.customer(ADA, Content::Text("Grüße".to_owned()));
    world.customer(ADA, Content::Picture("Look".to_owned()));
    world.customer(ADA, Content::Group(vec![BEN.to_owned()], "We are two".to_owned()));
    world.customer(ADA, Content::Voicemail("Call me".to_owned()));
    let events = world.events().await;
    assert_eq!(events[0].key, format!("message:{id}"));
    let contact = events[0].thread.clone().unwrap().contact.unwrap();
    assert_eq!(
        (contact.id.as_str(), contact.name.as_str(), contact.phone.as_deref()),
        (ADA, "Ada", Some(ADA))
    );
    assert_eq!(message(&events[0]).text, "Grüße");
    assert!(world.fetch(&message(&events[1])).await.starts_with(b"\x89PNG"));
    let group = events[2].thread.clone().unwrap();
    assert_eq!((group.id.as_str(), group.kind()), ("+12025550143,+12025550144", thread::Kind::Group));
    assert_eq!(events[2].sender.clone().unwrap().name, "Ada");
    assert!(world.fetch(&message(events.last().unwrap())).await.starts_with(b"RIFF"));
}

#[tokio::test]
async fn a_call_is_one_message_that_goes_on_in_any_order() {
    for backwards in [false, true] {
        let world = World::connected().await;
        world.simulator.set_oddities(Oddities { backwards, ..Oddities::default() });
        let id = world.customer(ADA, Content::Call(Ending::Answered));
        let events = world.events().await;
        let calls: Vec<_> =
            events.iter().map(|event| (message(event).id, message(event).call.unwrap())).collect();
        assert!(calls.iter().all(|(call, _)| *call == id) && calls.len() == 4, "{calls:?}");
        let mut states: Vec<State> = calls.iter().map(|(_, call)| call.state()).collect();
        assert_eq!(states.first() == Some(&State::Ended), backwards);
        states.sort_unstable();
        assert_eq!(states, [State::Ringing, State::Ringing, State::Talking, State::Ended]);
        assert_eq!(message(&events[0]).text, "Incoming call");
    }
}

#[tokio::test]
async fn a_missed_call_is_known_as_one_from_event_and_log() {
    let world = World::connected().await;
    let id = world.customer("", Content::Call(Ending::Missed));
    let events = world.events().await;
    let last = message(events.last().unwrap()).call.unwrap();
    // without a talk before, an end means that it was missed
    assert_eq!((last.state(), last.outcome()), (State::Ended, Outcome::Unspecified));
    assert!(!events.iter().any(|event| message(event).call.unwrap().state() == State::Talking));
    assert_eq!(events[0].thread.clone().unwrap().contact.unwrap().name, "Withheld number");

    let logged = world.poll(None).await.unwrap().received.events;
    let call = message(&logged[0]);
    assert_eq!((call.id.as_str(), call.call.clone().unwrap().outcome()), (id.as_str(), Outcome::Missed));
    assert_eq!(call.call.unwrap().seconds, 42);
}

#[tokio::test]
async fn what_is_odd_and_still_genuine_changes_nothing() {
    let world = World::connected().await;
    world.simulator.set_oddities(Oddities { duplicates: true, unknown_fields: true, ..Oddities::default() });
    world.customer(ADA, Content::Text("Twice".to_owned()));
    let twice = keys(&world.events().await);
    assert_eq!((twice.len(), &twice[0]), (2, &twice[1]));
    world.simulator.set_oddities(Oddities { other_header: true, ..Oddities::default() });
    world.customer(ADA, Content::Text("Under its other name".to_owned()));
    assert_eq!(world.events().await.len(), 1);
    assert_eq!(world.simulator.last_webhook_error(), None);
}

#[tokio::test]
async fn what_does_not_carry_our_secret_is_refused() {
    let world = World::connected().await;
    world.simulator.set_oddities(Oddities { wrong_secret: true, ..Oddities::default() });
    world.customer(ADA, Content::Text("Forged".to_owned()));
    assert!(world.events().await.is_empty());
    assert!(world.simulator.last_webhook_error().unwrap().contains("401"));
}

#[tokio::test]
async fn stop_and_start_change_whether_the_contact_can_be_written_to() {
    let world = World::connected().await;
    world.customer(ADA, Content::Text("Stop".to_owned()));
    world.customer(ADA, Content::Text("START".to_owned()));
    let events = world.events().await;
    let wishes: Vec<bool> = events
        .iter()
        .filter_map(|event| match event.event.as_ref()? {
            Event::Reachability(change) => Some(change.reachable),
            _ => None,
        })
        .collect();
    assert_eq!((events.len(), wishes), (4, vec![false, true]));
}

#[tokio::test]
async fn from_outside_customers_are_made_to_act_as_well() {
    let world = World::connected().await;
    let act = async |who: &str, what| world.post(&format!("/simulator/customers/{who}"), what).await;
    assert_eq!(act("withheld", json!({"call": "missed"})).await, 201);
    assert_eq!(act(ADA, json!({"text": "Hi"})).await, 201);
    assert_eq!(act("withheld", json!({"text": "Hi"})).await, 400);
    assert_eq!(world.events().await.len(), 4);
    let state = world.get("/simulator/state").await;
    assert_eq!((&state["pending_events"], &state["tokens_given"]), (&json!(0), &json!(1)));
}
