//! All figures anew.

use std::time::Duration;

use chrono::TimeDelta;
use rstest::rstest;
use weft_bus::{Limit, Limits, Stream};
use weft_domain::{Clock, ErrorCode};
use weft_proto::{analytics::v1::rebuild::State, conversation::v1::conversation::Status};
use weft_testkit::eventually;

use crate::{
    rig::{Engine, PATIENCE, Rig},
    rows,
    story::{Story, agent, busy_day, channel_id, shuffled},
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_comes_to_the_same_in_every_row(#[values(Engine::Embedded, Engine::Real)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let replica = rig.start().await;
    let (tenant, other) = (rig.tenant(&replica), rig.tenant(&replica));
    let (channels, agents) = ([channel_id(), channel_id()], [agent(), agent()]);
    for one in [&other, &tenant] {
        let stories = busy_day(one.id, &channels, &agents);
        one.count(stories.into_iter().flat_map(|story| story.events).collect()).await;
    }
    assert_eq!(tenant.last_rebuild().await.state(), State::None);
    let (before, shown) = (tenant.rows().await, tenant.overview().await);

    let rebuild = tenant.rebuild(false).await;
    assert_eq!((rebuild.state(), rebuild.from_cursor, rebuild.computed_since), (State::Done, 1, None));
    assert!(rebuild.events > 200 && rebuild.cursor == rebuild.to_cursor, "{rebuild:?}");
    assert_eq!(tenant.rows().await, before);
    assert_eq!(tenant.overview().await, shown);
    // What it replaced goes, once nobody can be reading it.
    assert!(rows::not_shown(&rig.store, tenant.id).await > 0);
    rig.clock.advance(TimeDelta::minutes(2));
    eventually("the old rows go", PATIENCE, async || {
        (rows::not_shown(&rig.store, tenant.id).await == 0).then_some(())
    })
    .await;
    assert_eq!(tenant.rows().await, before);

    // What a fault has put wrong is right again afterwards.
    let harm = |tx: weft_store::Tx| async move {
        tx.execute("UPDATE rollup SET value = value + 7 WHERE tenant_id = $1", vec![]).await?;
        tx.execute("DELETE FROM conversation WHERE tenant_id = $1", vec![]).await
    };
    rig.store.tenant(tenant.id).write(harm).await.unwrap();
    assert_ne!(tenant.rows().await, before);
    tenant.rebuild(false).await;
    assert_eq!(tenant.rows().await, before);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_comes_to_the_same_while_new_events_keep_coming(
    #[values(Engine::Embedded, Engine::Real)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let (replica, _standby) = (rig.start().await, rig.start().await);
    let tenant = rig.tenant(&replica);
    let (channels, agents) = ([channel_id(), channel_id()], [agent(), agent()]);
    let day =
        || busy_day(tenant.id, &channels, &agents).into_iter().map(|story| story.events).collect::<Vec<_>>();
    tenant.count(shuffled(&day())).await;

    let publishing = async {
        for _ in 0..8 {
            for portion in shuffled(&day()).chunks(10) {
                rig.bus.publish_all(Stream::Events, portion.to_vec()).await.unwrap();
            }
        }
    };
    let rebuilding = async {
        for _ in 0..3 {
            assert_eq!(tenant.rebuild(false).await.state(), State::Done);
        }
    };
    tokio::join!(publishing, rebuilding);
    tenant.count(Vec::new()).await;
    let conversations = 9 * 24;
    eventually("all is counted", PATIENCE, async || {
        (tenant.total().await.conversations_new == conversations).then_some(())
    })
    .await;
    let live = tenant.rows().await;
    tenant.rebuild(false).await;
    assert_eq!(tenant.rows().await, live);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_outlives_the_process_that_worked_at_it(
    #[values(Engine::Embedded, Engine::Real)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let replica = rig.start().await;
    let tenant = rig.tenant(&replica);
    let (channels, agents) = ([channel_id()], [agent()]);
    let mut events = 0;
    for _ in 0..30 {
        let stories = busy_day(tenant.id, &channels, &agents);
        let told: Vec<_> = stories.into_iter().flat_map(|story| story.events).collect();
        events += u64::try_from(told.len() + 1).unwrap();
        tenant.count(told).await;
    }
    let before = tenant.rows().await;
    let asked = tenant.start_rebuild(false).await.unwrap();
    assert_eq!(asked.state(), State::Running);
    let again = tenant.start_rebuild(false).await.unwrap();
    assert_eq!(again.started_at, asked.started_at, "it is the same one");

    // Stopped in order, it lets go: the next process goes on at once.
    let begun = eventually("it begins", PATIENCE, async || {
        Some(tenant.last_rebuild().await).filter(|rebuild| rebuild.events > 0)
    });
    assert_eq!(begun.await.state(), State::Running);
    replica.stop().await;
    assert_eq!(rows::rebuild_state(&rig.store, tenant.id).await, "running", "it was not done yet");
    let second = rig.start().await;
    let tenant = tenant.through(&second);
    let rebuild = eventually("the second one ends it", Duration::from_secs(15), async || {
        Some(tenant.last_rebuild().await).filter(|rebuild| rebuild.state() != State::Running)
    });
    let rebuild = rebuild.await;
    assert_eq!((rebuild.state(), rebuild.started_at), (State::Done, asked.started_at));
    assert_eq!(rebuild.events, events, "it went on where the first one ended");
    assert_eq!(tenant.rows().await, before);

    // Killed, it cannot let go: its lease lapses.
    second.stop().await;
    rows::leave_behind(&rig.store, tenant.id, rig.clock.now() + TimeDelta::seconds(30)).await;
    let third = rig.start().await;
    let tenant = tenant.through(&third);
    assert_eq!(tenant.last_rebuild().await.state(), State::Running);
    rig.clock.advance(TimeDelta::seconds(31));
    assert_eq!(tenant.rebuilt().await.state(), State::Done);
    assert_eq!(tenant.rows().await, before);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn when_the_first_events_are_gone_it_is_said_and_earlier_figures_can_be_taken_over(
    #[values(Engine::Embedded, Engine::Real)] engine: Engine,
) {
    let mut limits = Limits::default();
    limits.events = Limit { max_age_secs: 6, ..limits.events };
    let rig = Rig::with_limits(engine, limits).await;
    let replica = rig.start().await;
    let tenant = rig.tenant(&replica);
    let (channels, agents) = ([channel_id()], [agent(), agent()]);
    let story = Story::begin(tenant.id, &channels[0], 0).asks(0);
    let mut early: Vec<_> =
        busy_day(tenant.id, &channels, &agents).into_iter().flat_map(|story| story.events).collect();
    early.extend(story.events.clone());
    tenant.count(early).await;
    let last = rig.bus.last_cursor(Stream::Events).await.unwrap();
    eventually("the first events go", Duration::from_secs(60), async || {
        (rig.bus.first_cursor(Stream::Events).await.unwrap() > last).then_some(())
    })
    .await;

    // A week later the same conversation goes on, and another begins.
    let later = 7 * 24 * 60 - 600;
    let known = story.events.len();
    let story = story.answers(later, &agents[0]).becomes(later + 60, Status::Resolved);
    let mut late = story.events[known..].to_vec();
    late.extend(
        Story::begin(tenant.id, &channels[0], later).asks(later).answers(later + 20, &agents[1]).events,
    );
    tenant.count(late).await;
    let (before, shown) = (tenant.rows().await, tenant.overview().await);

    let refused = tenant.start_rebuild(false).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), (ErrorCode::Precondition, "events_gone"));
    assert!(refused.message().contains("no longer kept"), "{refused}");
    let rebuild = tenant.rebuild(true).await;
    assert_eq!(rebuild.state(), State::Done, "{rebuild:?}");
    assert!(rebuild.from_cursor > last && rebuild.computed_since.is_some());
    assert_eq!(tenant.rows().await, before);
    assert_eq!(tenant.overview().await, shown);
}
