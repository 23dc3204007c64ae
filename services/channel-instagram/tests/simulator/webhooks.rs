use std::sync::Arc;

use chrono::TimeDelta;
use futures::TryStreamExt as _;
use tokio_util::sync::CancellationToken;
use weft_channel::{
    Adapter as _, Event, Inbound, MessageReceived, SetupError, SimulationOptions,
    script::{Line, Script},
};
use weft_channel_instagram::{Account, IceBreaker, Instagram, Login, simulator::Content};

use crate::harness::{ADA, World, text};

fn messages(events: &[Inbound]) -> Vec<&MessageReceived> {
    events
        .iter()
        .filter_map(|event| match &event.event {
            Some(Event::Message(message)) => Some(message),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn an_account_connects_through_its_page_and_offers_its_questions() {
    let world = World::start().await;
    assert_eq!(world.connect(&world.account).await.unwrap().title, "Acme Support");
    let question = world.simulator.profile()["ice_breakers"][0]["call_to_actions"][0].clone();
    assert_eq!(question["question"], "What are your hours?");

    let begin = Content::Choice { to: None, payload: "ICE_HOURS".to_owned() };
    world.simulator.customer_says(ADA, begin).unwrap();
    let events = world.hook.events(1).await;
    let chosen = messages(&events)[0];
    assert_eq!(
        (chosen.text.as_str(), chosen.postback.as_deref()),
        ("What are your hours?", Some("ICE_HOURS"))
    );

    let with = |change: fn(&mut Account)| {
        let mut account = world.account.clone();
        change(&mut account);
        account
    };
    let nothing = IceBreaker { question: String::new(), payload: "A".to_owned() };
    let mut empty = world.account.clone();
    empty.ice_breakers = vec![nothing];
    let cases = [
        (with(|account| account.access_token = "EAAWrong".to_owned().into()), "secrets.access_token"),
        (with(|account| account.page_id = Some("1".to_owned())), "settings.page_id"),
        (with(|account| account.app_secret = "wrong".to_owned().into()), "settings.app_id"),
        (empty, "settings.ice_breakers"),
    ];
    for (account, expected) in cases {
        let error = world.connect(&account).await.unwrap_err();
        assert!(matches!(&error, SetupError::Settings { field, .. } if field == expected), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("EAA"));
    }
}

#[tokio::test]
async fn an_account_connects_with_its_own_login() {
    let world = World::with(Login::Instagram).await;
    let connected = world.connect(&world.account).await.unwrap();
    assert_eq!(connected.username.as_deref(), Some("acme_support"));
    world.enter_webhook().await;
    world.simulator.customer_says(ADA, Content::Text("Hello".to_owned())).unwrap();
    assert_eq!(text(&world.hook.events(1).await[0]), "Hello");
    let other = Account { ig_account_id: "17800000000000009".to_owned(), ..world.account.clone() };
    let error = world.connect(&other).await.unwrap_err();
    assert!(
        matches!(&error, SetupError::Settings { field, .. } if field == "settings.ig_account_id"),
        "{error:?}"
    );
}

#[tokio::test]
async fn stories_come_as_files_that_are_gone_after_a_while() {
    let world = World::connected().await;
    world.simulator.customer_says(ADA, Content::StoryReply { text: "How much?".to_owned() }).unwrap();
    world.simulator.customer_says(ADA, Content::StoryMention {}).unwrap();
    let events = world.hook.events(2).await;
    let [answer, mention] = messages(&events)[..] else { panic!("two messages") };
    assert_eq!((answer.text.as_str(), answer.media[0].name.as_str()), ("How much?", "story"));
    assert!(answer.raw.as_ref().unwrap().contains("17900000000000001"));
    assert_eq!((mention.text.as_str(), mention.media[0].name.as_str()), ("", "story_mention"));
    let file = Instagram.fetch_media(&world.account, &mention.media[0], &world.transport).await.unwrap();
    assert_eq!(file.mime.as_deref(), Some("image/png"));
    assert!(!file.body.try_collect::<Vec<_>>().await.unwrap().concat().is_empty());
    world.clock.advance(TimeDelta::hours(2));
    let gone = Instagram.fetch_media(&world.account, &mention.media[0], &world.transport).await;
    assert_eq!(gone.unwrap_err().code(), "404");
}

#[tokio::test]
async fn a_message_can_be_taken_back() {
    let world = World::connected().await;
    let said = world.simulator.customer_says(ADA, Content::Text("Oops".to_owned())).unwrap();
    world.simulator.customer_says(ADA, Content::Unsend { message_id: said.clone() }).unwrap();
    let events = world.hook.events(2).await;
    assert!(matches!(&events[1].event, Some(Event::Deleted(deleted)) if deleted.id == said));
}

#[tokio::test]
async fn playing_writes_as_many_messages_as_asked() {
    let world = World::connected().await;
    let mut script = Script::default();
    for person in &mut script.people {
        person.lines[1] = Line::Does("story_reply".to_owned());
        person.lines[2] = Line::Does("story_mention".to_owned());
    }
    let script = Arc::new(script);
    let options = SimulationOptions { customers: 8, per_second: 1000.0, messages: Some(32), script };
    world.simulator.play("instagram", options, CancellationToken::new()).await.unwrap();
    assert_eq!(world.hook.events(32).await.len(), 32);
}
