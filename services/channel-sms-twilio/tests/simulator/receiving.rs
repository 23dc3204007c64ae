use futures::TryStreamExt as _;
use serde_json::json;
use weft_channel::{Adapter as _, Event, VerifyError, delivery_report::State};
use weft_channel_sms_twilio::{
    SmsTwilio,
    simulator::{Content, Oddities},
};

use crate::harness::{ADA, ANA, World};

#[tokio::test]
async fn what_customers_do_comes_in_signed() {
    let world = World::start().await;
    world.connect().await.unwrap();
    world.simulator.add_customer(ANA, "Ana");
    let says = |address: &str, content: Content| world.simulator.customer_says(address, content).unwrap();
    says(ADA, Content::Text("Grüße & café?".to_owned()));
    says(ANA, Content::Location { latitude: 38.8977, longitude: -77.0365 });
    says(ANA, Content::Button { text: "Confirm".to_owned(), payload: "confirm:1".to_owned() });
    says(ADA, Content::Text("STOP".to_owned()));

    let events: Vec<_> = world.events().await.into_iter().map(Result::unwrap).collect();
    assert_eq!(events.len(), 5);
    assert!(matches!(&events[0].event, Some(Event::Message(it)) if it.text == "Grüße & café?"));
    assert!(matches!(&events[1].event, Some(Event::Message(it)) if it.location.is_some()));
    assert!(
        matches!(&events[2].event, Some(Event::Message(it)) if it.postback.as_deref() == Some("confirm:1"))
    );
    assert!(matches!(&events[4].event, Some(Event::Reachability(it)) if !it.reachable));
    let contact = events[1].thread.as_ref().unwrap().contact.as_ref().unwrap();
    assert_eq!((contact.name.as_str(), contact.phone.as_deref()), ("Ana", Some("+12025550144")));
    assert_eq!(world.simulator.last_webhook_error(), None);
}

#[tokio::test]
async fn a_picture_is_fetched_with_credentials_from_where_it_lies() {
    let world = World::start().await;
    world.connect().await.unwrap();
    world.simulator.customer_says(ADA, Content::Picture("Look".to_owned())).unwrap();
    let event = world.events().await.remove(0).unwrap();
    let Some(Event::Message(message)) = event.event else { panic!("a message") };
    let file = SmsTwilio.fetch_media(&world.account, &message.media[0], &world.transport).await.unwrap();
    let bytes: Vec<u8> =
        file.body.try_fold(Vec::new(), async |all, part| Ok([all, part.to_vec()].concat())).await.unwrap();
    assert!(bytes.starts_with(b"\x89PNG"));

    let stranger = World::start_with(json!({"auth_token": "another-auth-token"})).await;
    let error =
        SmsTwilio.fetch_media(&stranger.account, &message.media[0], &world.transport).await.unwrap_err();
    assert_eq!(error.code(), "account_invalid");
}

#[tokio::test]
async fn odd_webhooks_are_taken_and_forged_ones_are_not() {
    let world = World::start().await;
    world.connect().await.unwrap();
    let hello = || world.simulator.customer_says(ADA, Content::Text("Hi".to_owned())).unwrap();
    let odd = json!({"duplicates": true, "unknown_fields": true, "secondary_token": true});
    assert_eq!(world.post("/simulator/oddities", odd).await, 204);
    hello();
    let events = world.events().await;
    let keys: Vec<_> = events.iter().map(|event| event.as_ref().unwrap().key.as_str()).collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1], "a repeated webhook is the same event");

    world.simulator.set_oddities(Oddities { corrupt_signature: true, ..Oddities::default() });
    hello();
    assert_eq!(world.events().await, [Err(VerifyError::Wrong)]);
}

#[tokio::test]
async fn what_became_of_a_message_is_told_in_plain_words() {
    let world = World::start().await;
    world.connect().await.unwrap();
    world.simulator.customer_says(ANA, Content::Text("Olá".to_owned())).unwrap();
    world.events().await;
    let reports = async || -> Vec<(State, String)> {
        let events = world.events().await.into_iter().map(Result::unwrap);
        let report = |event: weft_channel::Inbound| match event.event {
            Some(Event::Report(report)) => Some((report.state(), report.reason)),
            _ => None,
        };
        events.filter_map(report).collect()
    };
    world.say(ADA, "Hello").await.unwrap();
    let states: Vec<State> = reports().await.into_iter().map(|(state, _)| state).collect();
    assert_eq!(states, [State::Sent, State::Delivered]);
    world.say(ANA, "Olá").await.unwrap();
    assert_eq!(reports().await.last().unwrap().0, State::Read);

    assert_eq!(world.post(&format!("/simulator/customers/{ADA}/failure"), json!(30006)).await, 204);
    world.say(ADA, "Hello again").await.unwrap();
    let (state, reason) = reports().await.pop().unwrap();
    assert_eq!(state, State::Failed);
    assert!(reason.contains("landline"), "{reason}");

    world.say("whatsapp:+12025550149", "Hello stranger").await.unwrap();
    let (state, reason) = reports().await.pop().unwrap();
    assert_eq!(state, State::Failed);
    assert!(reason.contains("24 hours"), "{reason}");
}
