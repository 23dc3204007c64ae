//! Repeated, late and shuffled events.

use rstest::rstest;
use uuid::Uuid;
use weft_bus::Event;
use weft_proto::conversation::v1::conversation::Status;

use crate::{
    rig::{Engine, Rig},
    story::{Story, agent, busy_day, channel_id, shuffled},
};

fn events_of(stories: &[Story]) -> Vec<Vec<Event>> {
    stories.iter().map(|story| story.events.clone()).collect()
}

/// The same once more under another id, as only a fault would send it.
fn again(event: &Event) -> Event {
    Event { id: Uuid::now_v7().to_string(), ..event.clone() }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_event_twice_and_shuffled_across_conversations_comes_to_the_same(
    #[values(Engine::Embedded, Engine::Real)] engine: Engine,
) {
    let mut rig = Rig::new(engine).await;
    let (channels, agents) = ([channel_id(), channel_id()], [agent(), agent(), agent()]);
    let anew = rig.other_bus().await;
    let first = rig.start().await;
    let tenant = rig.tenant(&first);
    let stories = events_of(&busy_day(tenant.id, &channels, &agents));
    tenant.count(stories.concat()).await;
    let once = tenant.rows().await;
    assert!(once.rollup.len() > 100 && once.conversations.len() == 24);

    let twice: Vec<Vec<Event>> = stories
        .iter()
        .map(|events| events.iter().flat_map(|event| [again(event), again(event)]).collect())
        .collect();
    tenant.count(shuffled(&twice)).await;
    assert_eq!(tenant.rows().await, once, "under other ids");

    // The bus was lost and filled again from the outboxes: the same ids, other cursors.
    first.stop().await;
    let second = rig.start_on(&anew).await;
    let tenant = tenant.through(&second);
    tenant.count_on(&anew, shuffled(&stories)).await;
    assert_eq!(tenant.rows().await, once, "from a bus made anew");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_that_are_given_the_same_events_at_once_count_them_once(
    #[values(Engine::Embedded, Engine::Real)] engine: Engine,
) {
    let mut rig = Rig::new(engine).await;
    let (channels, agents) = ([channel_id(), channel_id()], [agent(), agent()]);
    let other = rig.other_bus().await;
    let (one, two) = (rig.start().await, rig.start_on(&other).await);
    let (alone, both) = (rig.tenant(&one), rig.tenant(&one));
    let stories = busy_day(both.id, &channels, &agents);
    let (ours, theirs) = (shuffled(&events_of(&stories)), shuffled(&events_of(&stories)));
    tokio::join!(both.count(ours), both.count_on(&other, theirs));
    let figures = both.total().await;

    alone.count(events_of(&busy_day(alone.id, &channels, &agents)).concat()).await;
    assert_eq!(figures, alone.total().await);
    assert_eq!(both.rows().await.messages.len(), alone.rows().await.messages.len());
    two.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_second_replica_goes_on_where_the_first_one_ended(
    #[values(Engine::Embedded, Engine::Real)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let (channels, agents) = ([channel_id()], [agent()]);
    let (one, two) = (rig.start().await, rig.start().await);
    let tenant = rig.tenant(&two);
    let stories = events_of(&busy_day(tenant.id, &channels, &agents));
    let (before, after) = stories.split_at(12);
    tenant.count(before.concat()).await;
    one.stop().await;
    tenant.count(after.concat()).await;
    let together = tenant.total().await;
    let alone = rig.tenant(&two);
    alone.count(events_of(&busy_day(alone.id, &channels, &agents)).concat()).await;
    assert_eq!(together, alone.total().await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_late_neither_turns_back_a_conversation_nor_is_lost(
    #[values(Engine::Embedded, Engine::Real)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let replica = rig.start().await;
    let tenant = rig.tenant(&replica);
    let ann = agent();
    let story =
        Story::begin(tenant.id, &channel_id(), 0).asks(0).answers(10, &ann).becomes(20, Status::Resolved);
    // Created, asked (2), answered (2), resolved: the answer and its change come after all the others.
    let [created, asked, waits, answered, goes_on, resolved] = story.events.try_into().unwrap();
    tenant.count(vec![created, asked, waits, resolved]).await;
    let before = tenant.overview().await;
    tenant.count(vec![goes_on, answered]).await;
    let after = tenant.overview().await;
    assert_eq!(after.live, before.live, "it stays resolved");
    let total = after.total.unwrap();
    assert_eq!((total.conversations_resolved, total.conversations_reopened), (1, 0));
    assert_eq!((total.messages_in, total.messages_out), (1, 1), "the message was written all the same");
    assert_eq!(total.first_response.unwrap().mean, Some(600.0));
}
