//! What becomes of automatic replies between the decision and the contact.

use chrono::TimeDelta;
use rstest::rstest;
use sea_orm::ConnectionTrait;
use weft_domain::{Clock, id};
use weft_proto::automation::v1::CreateAutoReplyRequest;

use crate::{
    auto_replies::{MARKER, reply},
    rig::{Engine, Rig},
    talks::{Fault, Said},
    team::Team,
};

impl Team<'_> {
    /// Each message there is answered, as nobody is available.
    async fn answers_each(&self) -> Said {
        let here = id::new::<id::Channel>().to_string();
        let nobody = CreateAutoReplyRequest {
            channel_ids: vec![here.clone()],
            again_after_hours: Some(1),
            ..reply("nobody_available", "nobody")
        };
        self.keep_reply(nobody).await.unwrap();
        Said { channel: here, ..Said::first(self.rig.clock.now()) }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_for_good_is_not_asked_for_again_for_an_hour(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    team.with_marker().await;
    let said = team.answers_each().await;
    rig.talks.refuse(&said.conversation, u64::MAX, "contact_is_group").await;
    team.hears(&said).await;
    rig.until_count("auto_answer WHERE refused_at IS NOT NULL AND due_at IS NULL", 1).await;
    let next = said.next(rig.clock.now());
    team.hears(&next).await;
    assert_eq!(team.settled(1).await, ["marker"]);
    rig.until_count("auto_answer WHERE seq = 2", 0).await;
    rig.clock.advance(TimeDelta::minutes(61));
    rig.talks.refuse(&said.conversation, 0, "").await;
    team.hears(&next.next(rig.clock.now())).await;
    assert_eq!(rig.talks.wait_for_said(2).await[1], "nobody");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_answered_is_no_reason_not_to_answer_the_next_message(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let said = team.answers_each().await;
    rig.talks.refuse(&said.conversation, 1, "answered").await;
    team.hears(&said).await;
    rig.until_count("auto_answer WHERE due_at IS NULL AND said_at IS NULL AND refused_at IS NULL", 1).await;
    team.hears(&said.next(rig.clock.now())).await;
    assert_eq!(rig.talks.wait_for_said(1).await, ["nobody"]);
    assert_eq!(rig.talks.look(|state| state.said[0].answers_seq).await, 2);
}

#[rstest]
#[case::the_first_is_answered_by_itself(Fault::Mute, 0, 1)]
#[case::somebody_answered_the_first(Fault::Down, 1, 2)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_while_something_is_to_be_said_is_answered_too_and_once(
    #[case] fault: Fault,
    #[case] answered: u64,
    #[case] answers: u64,
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    team.with_marker().await;
    let said = team.answers_each().await;
    rig.talks.fail(fault).await;
    team.hears(&said).await;
    rig.talks.wait("an attempt", |state| (state.asked >= 1).then_some(())).await;
    team.hears(&said.next(rig.clock.now())).await;
    rig.until_count("auto_answer WHERE seq = 1 AND newer_seq = 2", 1).await;
    rig.talks.refuse(&said.conversation, answered, "answered").await;
    rig.talks.fail(Fault::None).await;
    rig.until_count("auto_answer WHERE due_at IS NULL AND said_at IS NOT NULL", 1).await;
    assert_eq!(team.settled(2).await, ["nobody", "marker"]);
    assert_eq!(rig.talks.look(|state| state.said[0].answers_seq).await, answers);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_is_made_twice_is_carried_out_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let said = team.answers_each().await;
    team.hears(&said).await;
    rig.until_count("auto_answer WHERE said_at IS NOT NULL", 1).await;
    // as a replica sees it that decides at the same time
    rig.database().await.execute_unprepared("DELETE FROM auto_answer").await.unwrap();
    team.hears(&said).await;
    rig.until_count("auto_answer WHERE said_at IS NOT NULL", 1).await;
    let counts = rig.talks.look(|state| (state.asked, state.said.len())).await;
    assert_eq!(counts, (2, 1));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_with_many_replies_that_cannot_be_told_delays_nobody(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let (jammed, other) = (rig.team(), rig.team());
    jammed.with_marker().await;
    other.with_marker().await;
    let first = || Said { channel: MARKER.into(), ..Said::first(rig.clock.now()) };
    rig.talks.fail(Fault::Down).await;
    jammed.hears(&first()).await;
    rig.until_count("auto_answer WHERE attempts > 0", 1).await;
    rig.jam("UPDATE", jammed.id).await;
    // more than are looked for together, and all of them older
    rig.copy_answers(600, "decided_at").await;
    rig.talks.fail(Fault::None).await;
    other.hears(&first()).await;
    assert_eq!(rig.talks.wait_for_said(1).await, ["marker"]);
    assert_eq!(rig.talks.look(|state| state.said[0].tenant_id.clone()).await, other.id.to_string());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn many_replies_of_a_tenant_are_all_told(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    team.with_marker().await;
    team.hears(&Said { channel: MARKER.into(), ..Said::first(rig.clock.now()) }).await;
    rig.until_count("auto_answer WHERE said_at IS NOT NULL", 1).await;
    rig.copy_answers(100, "decided_at").await;
    rig.until_count("auto_answer WHERE due_at IS NULL", 101).await;
    assert_eq!(rig.talks.wait_for_said(101).await.len(), 101);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_long_ago_is_forgotten_however_much_it_is_and_whosever_cannot_be(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let mut rig = Rig::new(engine).await;
    for jams in [true, false] {
        let team = rig.team();
        team.with_marker().await;
        team.hears(&Said { channel: MARKER.into(), ..Said::first(rig.clock.now()) }).await;
        rig.talks.wait_for_said(if jams { 1 } else { 2 }).await;
        if jams {
            rig.jam("DELETE", team.id).await;
        }
    }
    rig.until_count("auto_answer WHERE due_at IS NULL", 2).await;
    rig.copy_answers(1_200, "NULL").await;
    rig.replicas.remove(0).lifecycle.stop().await.unwrap();
    rig.clock.advance(TimeDelta::hours(721));
    // it is done at the start, and each hour
    rig.start_replica().await;
    rig.until_count("auto_answer", 1_201).await;
}
