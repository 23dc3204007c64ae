use std::collections::HashMap;

use rstest::rstest;
use weft_proto::conversation::v1::conversation::Status;

use crate::{
    rig::{Engine, Rig},
    team::Team,
};

/// Lets so many contacts write, one after the other, and waits until each has found somebody.
async fn assigned_in_turn(team: &Team<'_>, count: usize) -> Vec<String> {
    let mut users = Vec::new();
    for _ in 0..count {
        let id = team.rig.talks.begin(team.id).await;
        let find = |state: &crate::talks::State| state.conversations[&id].assignee.clone();
        users.push(team.rig.talks.wait("somebody has it", find).await);
    }
    users
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_least_busy_for_what_they_can_take_gets_the_next_and_of_equals_who_waited_longest(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let (small, large) = (team.agent(1).await, team.agent(3).await);
    team.set(&large, "away", None).await;
    assert_eq!(assigned_in_turn(&team, 1).await, [small.as_str()]);
    team.set(&large, "available", None).await;
    assert_eq!(assigned_in_turn(&team, 2).await, [large.as_str(), &large]);

    let others = rig.team();
    let (one, other) = (others.agent(4).await, others.agent(4).await);
    let got = assigned_in_turn(&others, 4).await;
    assert_eq!(got.iter().filter(|user| **user == one).count(), 2, "{got:?}");
    assert_ne!(got[0], got[1]);
    assert_eq!((&got[0], &got[1]), (&got[2], &got[3]), "whoever was given none for longest is next");
    assert_eq!((others.mine(&one).await.open, others.mine(&other).await.open), (2, 2));
    rig.assert_loads_are_true().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_given_more_than_they_can_take_and_the_rest_waits_in_its_order(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let agent = team.agent(2).await;
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(rig.talks.begin(team.id).await);
    }
    let order = |assigned: Vec<(String, String)>| assigned.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    rig.until_settled(6, 4).await;
    assert_eq!(team.mine(&agent).await.open, 2);
    assert_eq!(rig.talks.wait_for_assigned(2).await.len(), 2);

    // Each way in which somebody gets free brings the one that waits longest.
    rig.talks.set_status(team.id, &ids[0], Status::Resolved).await;
    rig.talks.wait_for_assigned(3).await;
    rig.talks.set_status(team.id, &ids[1], Status::Closed).await;
    rig.talks.wait_for_assigned(4).await;
    rig.talks.assign_by_hand(team.id, &ids[2], None).await;
    rig.talks.wait_for_assigned(5).await;
    let elsewhere = team.agent(1).await;
    let assigned = rig.talks.wait_for_assigned(6).await;
    let to: HashMap<_, _> = assigned.iter().cloned().collect();
    assert_eq!(to[&ids[5]], elsewhere, "who is free gets what waits");
    let mut sorted = order(assigned);
    sorted[..2].sort();
    assert_eq!(sorted, ids, "in the order of waiting");
    rig.until_settled(6, 0).await;
    rig.assert_loads_are_true().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_becomes_available_takes_more_or_hands_over_gets_what_waits(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let (first, second, third) =
        (rig.talks.begin(team.id).await, rig.talks.begin(team.id).await, rig.talks.begin(team.id).await);
    rig.until_settled(3, 3).await;
    let agent = team.agent(1).await;
    assert_eq!(rig.talks.wait_for_assigned(1).await, [(first.clone(), agent.clone())]);
    rig.until_settled(3, 2).await;
    team.set(&agent, "available", Some(2)).await;
    assert_eq!(rig.talks.wait_for_assigned(2).await[1], (second, agent.clone()));
    rig.until_settled(3, 1).await;
    let colleague = team.agent(1).await;
    assert_eq!(rig.talks.wait_for_assigned(3).await[2], (third, colleague.clone()));

    let fourth = rig.talks.begin(team.id).await;
    rig.until_settled(4, 1).await;
    team.set(&colleague, "offline", None).await;
    rig.talks.assign_by_hand(team.id, &first, Some(&colleague)).await;
    assert_eq!(rig.talks.wait_for_assigned(4).await[3], (fourth, agent.clone()), "reassigning frees");
    assert_eq!((team.mine(&agent).await.open, team.mine(&colleague).await.open), (2, 2));
    rig.assert_loads_are_true().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_keeps_what_they_have_and_is_given_no_more(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let agent = team.agent(5).await;
    let theirs = rig.talks.begin(team.id).await;
    rig.talks.wait_for_assigned(1).await;
    for status in ["away", "offline"] {
        team.set(&agent, status, None).await;
        rig.talks.begin(team.id).await;
    }
    rig.until_settled(3, 2).await;
    assert_eq!(rig.talks.assignee(&theirs).await, Some(agent.clone()));
    assert_eq!(team.mine(&agent).await.open, 1);
    team.set(&agent, "available", None).await;
    rig.talks.wait_for_assigned(3).await;
}
