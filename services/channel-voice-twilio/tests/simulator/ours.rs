use serde_json::json;
use weft_channel::{Adapter as _, Event, Files, Outbound, SendError, SetupError, delivery_report::State};
use weft_channel_voice_twilio::VoiceTwilio;

use crate::harness::{ADA, World};

async fn say(world: &World, to: &str, text: &str) -> Result<String, SendError> {
    let message = Outbound { thread_id: to.to_owned(), text: text.to_owned(), ..Outbound::default() };
    let sent = VoiceTwilio.send(&world.account, &message, &Files::default(), &world.transport).await?;
    Ok(sent.provider_message_ids[0].clone())
}

#[tokio::test]
async fn a_text_is_spoken_and_reported_as_heard() {
    let world = World::start(json!({})).await;
    let id = say(&world, ADA, "Your table is ready, <Ms.> O\"Neil & co.").await.unwrap();
    let spoken = world.simulator.spoken().remove(0);
    assert_eq!(
        (spoken.to.as_str(), spoken.words.as_str()),
        (ADA, "Your table is ready, <Ms.> O\"Neil & co.")
    );
    let events = world.until(|events| !events.is_empty()).await;
    let Event::Report(report) = &events[0] else { panic!("a report: {events:?}") };
    assert_eq!((report.id.as_str(), report.state()), (id.as_str(), State::Delivered));
}

#[tokio::test]
async fn an_agents_telephone_rings_first() {
    let world = World::start(json!({"agent_number": "+12025550120"})).await;
    say(&world, ADA, "Call about the tickets").await.unwrap();
    let spoken = world.simulator.spoken().remove(0);
    assert_eq!((spoken.to.as_str(), spoken.connected_with.as_deref()), ("+12025550120", Some(ADA)));
    let events = world.until(|events| !events.is_empty()).await;
    let Event::Report(report) = &events[0] else { panic!("a report: {events:?}") };
    assert_eq!(report.state(), State::Delivered);
}

#[tokio::test]
async fn that_our_own_telephone_answered_does_not_mean_that_the_contact_was_reached() {
    let world = World::start(json!({"agent_number": "+12025550120"})).await;
    world.simulator.answer_no_more();
    // what is told of the second comes after all that is told of the first
    for _ in 0..2 {
        say(&world, ADA, "Call about the tickets").await.unwrap();
    }
    for event in world.until(|events| events.len() > 1).await {
        let Event::Report(report) = event else { panic!("a report: {event:?}") };
        assert_eq!((report.state(), report.code.as_str()), (State::Failed, "no-answer"));
    }
}

#[tokio::test]
async fn a_text_is_as_long_as_it_has_characters() {
    let world = World::start(json!({})).await;
    say(&world, ADA, &"お待たせしました。".repeat(150)).await.unwrap();
    assert_eq!(world.simulator.spoken()[0].words.chars().count(), 1350);
}

#[tokio::test]
async fn wrong_credentials_are_told_by_their_field_and_refusals_in_words() {
    let stranger = World::start(json!({"auth_token": "another-auth-token"})).await;
    let refused = stranger.connect().await.unwrap_err();
    assert!(matches!(refused, SetupError::Settings { field, .. } if field == "secrets.auth_token"));
    let world = World::start(json!({})).await;
    world.simulator.refuse_next(21216);
    assert_eq!(say(&world, ADA, "Hi").await.unwrap_err().code(), "recipient_gone");
}
