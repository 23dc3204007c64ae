use chrono::Utc;
use rstest::rstest;
use weft_domain::id;
use weft_proto::conversation::v1::conversation::Status;

use crate::rig::{Engine, Rig};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_gave_to_somebody_stays_theirs_and_counts_as_their_load(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let (a, b) = (rig.talks.begin(team.id).await, rig.talks.begin(team.id).await);
    rig.until_settled(2, 2).await;
    let agent = id::new::<id::User>().to_string();
    rig.talks.assign_by_hand(team.id, &a, Some(&agent)).await;
    rig.talks.assign_by_hand(team.id, &b, Some(&agent)).await;
    rig.until_settled(2, 0).await;
    team.tell_user(&agent, false, Utc::now()).await;
    let shown = team.set(&agent, "available", Some(1)).await;
    assert_eq!((shown.open, shown.capacity), (2, 1), "people may go beyond");
    assert!(shown.last_assigned_at.is_some());

    let c = rig.talks.begin(team.id).await;
    rig.until_settled(3, 1).await;
    rig.talks.set_status(team.id, &a, Status::Resolved).await;
    rig.until_count("agent WHERE open = 1", 1).await;
    rig.talks.set_status(team.id, &b, Status::Closed).await;
    assert_eq!(rig.talks.wait_for_assigned(1).await, [(c, agent)]);
    rig.assert_loads_are_true().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_took_from_somebody_is_left_alone_until_a_person_or_its_end_says_otherwise(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let agent = team.agent(5).await;
    let id = rig.talks.begin(team.id).await;
    rig.talks.wait_for_assigned(1).await;
    rig.talks.assign_by_hand(team.id, &id, None).await;
    rig.until_count("conversation WHERE held", 1).await;
    rig.talks.write_again(team.id, &id).await;
    rig.talks.set_status(team.id, &id, Status::Pending).await;
    rig.talks.write_again(team.id, &id).await;
    // The events of a conversation are dealt with in their order: after this one all of the others were.
    rig.until_count("conversation WHERE held AND last_seq = 3", 1).await;
    assert_eq!(rig.talks.assignee(&id).await, None);
    assert_eq!(rig.talks.look(|state| state.asked).await, 1);

    rig.talks.set_status(team.id, &id, Status::Resolved).await;
    rig.talks.write_again(team.id, &id).await;
    assert_eq!(rig.talks.wait_for_assigned(2).await[1], (id.clone(), agent.clone()), "it began anew");

    rig.talks.assign_by_hand(team.id, &id, None).await;
    rig.until_count("conversation WHERE held", 1).await;
    rig.talks.assign_by_hand(team.id, &id, Some(&agent)).await;
    rig.until_count("conversation WHERE NOT held AND assignee IS NOT NULL", 1).await;
    rig.assert_loads_are_true().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn only_open_conversations_wait(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let mut ids = Vec::new();
    for status in [Status::Pending, Status::Snoozed, Status::Resolved, Status::Closed] {
        let id = rig.talks.begin(team.id).await;
        rig.talks.set_status(team.id, &id, status).await;
        ids.push(id);
    }
    rig.until_settled(4, 0).await;
    let agent = team.agent(5).await;
    for id in &ids[..3] {
        rig.talks.write_again(team.id, id).await;
    }
    rig.talks.wait_for_assigned(3).await;
    rig.until_settled(4, 0).await;
    assert_eq!(rig.talks.assignee(&ids[3]).await, None);
    assert_eq!(team.mine(&agent).await.open, 3);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_took_before_we_could_give_it_away_is_theirs(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let agent = team.agent(5).await;
    let person = team.agent(5).await;
    team.set(&person, "offline", None).await;
    let id = rig.talks.begin_taken(team.id, &person).await;
    rig.until_count("conversation WHERE assignee IS NOT NULL", 1).await;
    rig.until_settled(1, 0).await;
    assert_eq!(rig.talks.look(|state| (state.asked, state.assigned.len())).await, (1, 0));
    assert_eq!(rig.talks.assignee(&id).await, Some(person.clone()));
    assert_eq!((team.mine(&agent).await.open, team.mine(&person).await.open), (0, 1));
    rig.assert_loads_are_true().await;
}
