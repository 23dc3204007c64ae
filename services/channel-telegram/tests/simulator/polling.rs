use chrono::DateTime;
use weft_channel::{Adapter as _, Event, Inbound, Intake, PollContext, Polled};
use weft_channel_telegram::{Telegram, simulator::Content};

use crate::harness::{ADA, BOB, World};

async fn poll(world: &World, state: Option<String>) -> Polled {
    let context = PollContext { state, now: DateTime::from_timestamp(1_767_225_600, 0).unwrap() };
    Telegram.poll(&world.account, &context, &world.transport).await.unwrap()
}

fn texts(events: &[Inbound]) -> Vec<&str> {
    let text = |event: &Inbound| match &event.event {
        Some(Event::Message(_)) => event.thread.as_ref().map(|_| ()),
        _ => None,
    };
    let messages = events.iter().filter(|event| text(event).is_some());
    messages
        .filter_map(|event| match &event.event {
            Some(Event::Message(message)) => Some(message.text.as_str()),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn without_a_public_address_messages_are_polled_and_confirmed_by_the_next_poll() {
    let mut world = World::start().await;
    assert_eq!(world.connect(None).await.unwrap().intake, Intake::Poll);
    let says =
        |chat: i64, text: &str| world.simulator.customer_says(chat, Content::Text(text.to_owned())).unwrap();
    says(ADA, "one");
    says(BOB, "two");
    says(ADA, "three");

    let first = poll(&world, None).await;
    assert_eq!(texts(&first.received.events), ["one", "two", "three"]);
    let again = poll(&world, None).await;
    let keys =
        |polled: &Polled| polled.received.events.iter().map(|event| event.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(&again), keys(&first), "what was not confirmed comes again with the same keys");

    says(BOB, "four");
    let next = poll(&world, first.next_state).await;
    assert_eq!(texts(&next.received.events), ["four"]);
    assert_eq!(world.simulator.pending_updates().len(), 1);
}

#[tokio::test]
async fn a_poll_waits_for_something_to_happen() {
    let mut world = World::start().await;
    world.connect(None).await.unwrap();
    let polling = poll(&world, None);
    let saying = async {
        world.simulator.wait_for_calls("getUpdates", 1).await;
        world.simulator.customer_says(ADA, Content::Text("late".to_owned())).unwrap();
    };
    let (polled, ()) = tokio::join!(polling, saying);
    assert_eq!(texts(&polled.received.events), ["late"]);
}

#[tokio::test]
async fn two_pollers_and_a_webhook_exclude_each_other() {
    let mut world = World::start().await;
    world.connect(None).await.unwrap();
    let context = PollContext { state: None, now: DateTime::UNIX_EPOCH };
    let older = Telegram.poll(&world.account, &context, &world.transport);
    let newer = async {
        world.simulator.wait_for_calls("getUpdates", 1).await;
        world.simulator.customer_says(ADA, Content::Block).unwrap();
        world.call("getUpdates", serde_json::json!({"timeout": 0})).await
    };
    let (older, newer) = tokio::join!(older, newer);
    assert_eq!(newer.0, 200);
    // the older one either got the update first or had to give way
    assert!(older.is_ok() || older.unwrap_err().code() == "throttled");

    let set = world.call("setWebhook", serde_json::json!({"url": "https://hooks.example.com/a"})).await;
    assert_eq!(set.0, 200);
    let error = Telegram.poll(&world.account, &context, &world.transport).await.unwrap_err();
    assert_eq!(error.retry(), weft_channel::Retry::After(std::time::Duration::from_secs(3)));
}
