use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use rstest::rstest;
use weft_domain::id;

use crate::{
    rig::{Engine, Rig},
    talks::Fault,
    team::Team,
};

const CONVERSATIONS: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_give_each_conversation_to_one_agent_and_nobody_too_much() {
    let mut rig = Rig::new(Engine::JetStream).await;
    rig.start_replica().await;
    let team = rig.team();
    let (here, there) = (team.at(0), team.at(1));
    let mut agents = Vec::new();
    for n in 0..5 {
        // 42 are enough for all, and 40 is what each gets.
        agents.push(if n % 2 == 0 { here.agent(42).await } else { there.agent(42).await });
    }
    let begin = async |count: usize| {
        for _ in 0..count {
            rig.talks.begin(team.id).await;
        }
    };
    // All come at once, while somebody comes and goes at both replicas.
    let restless = id::new::<id::User>().to_string();
    tokio::join!(begin(CONVERSATIONS / 2), begin(CONVERSATIONS / 2), async {
        for n in 0..20 {
            team.at(n % 2).set(&restless, if n % 2 == 0 { "away" } else { "offline" }, None).await;
        }
    });
    let assigned = rig.talks.wait_for_assigned(CONVERSATIONS).await;
    rig.until_settled(CONVERSATIONS.try_into().unwrap(), 0).await;
    let ids: HashSet<_> = assigned.iter().map(|(id, _)| id).collect();
    assert_eq!((assigned.len(), ids.len()), (CONVERSATIONS, CONVERSATIONS), "each once");
    let mut loads: HashMap<_, usize> = HashMap::new();
    for (_, user) in &assigned {
        *loads.entry(user).or_default() += 1;
    }
    assert!(agents.iter().all(|agent| loads[agent].abs_diff(CONVERSATIONS / 5) <= 1), "{loads:?}");
    rig.assert_loads_are_true().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_who_come_at_once_at_both_replicas_share_what_waits() {
    let mut rig = Rig::new(Engine::JetStream).await;
    rig.start_replica().await;
    let team = rig.team();
    for _ in 0..60 {
        rig.talks.begin(team.id).await;
    }
    rig.until_settled(60, 60).await;
    let come = |replica: usize| {
        let team = team.at(replica);
        async move { (team.agent(5).await, team.agent(5).await, team.agent(5).await) }
    };
    tokio::join!(come(0), come(1), come(0), come(1));
    let assigned = rig.talks.wait_for_assigned(60).await;
    rig.until_settled(60, 0).await;
    let ids: HashSet<_> = assigned.iter().map(|(id, _)| id).collect();
    assert_eq!((assigned.len(), ids.len()), (60, 60), "each once");
    let users: Vec<_> = assigned.iter().map(|(_, user)| user).collect();
    let most = users.iter().map(|user| users.iter().filter(|other| *other == user).count()).max();
    assert_eq!(most, Some(5), "nobody has more than they can take");
    rig.assert_loads_are_true().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_replica_had_in_hand_when_it_died_is_carried_out_by_the_next(
    #[values(Engine::Sqlite, Engine::Postgres, Engine::JetStream)] engine: Engine,
) {
    let mut rig = Rig::new(engine).await;
    rig.talks.fail(Fault::Hang).await;
    let tenant = id::new();
    for _ in 0..20 {
        rig.talks.begin(tenant).await;
    }
    rig.until_settled(20, 20).await;
    let agent = Team::of(&rig, tenant).agent(20).await;
    rig.talks.wait("all are being told", |state| (state.asked == 20).then_some(())).await;
    let died = rig.replicas.remove(0).lifecycle;
    for tasks in [died.intake(), died.work(), died.flush()] {
        tasks.abort();
    }
    rig.talks.fail(Fault::None).await;
    rig.start_replica().await;
    rig.clock.advance(TimeDelta::seconds(11));
    let all = rig.talks.wait_for_assigned(20).await;
    assert!(all.iter().all(|(_, user)| *user == agent));
    rig.until_settled(20, 0).await;
    rig.assert_loads_are_true().await;
}
