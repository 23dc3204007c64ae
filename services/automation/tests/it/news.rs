use chrono::{TimeDelta, Utc};
use rstest::rstest;
use weft_bus::Stream;
use weft_proto::conversation::v1::{Conversation, conversation::Status};

use crate::{
    rig::{Engine, Rig},
    talks::event,
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn repeated_and_old_news_change_nothing(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let (agent, colleague) = (team.agent(5).await, team.agent(5).await);
    let shown = async |id: &str| rig.talks.look(|state| state.conversations[id].clone()).await;
    let id = rig.talks.begin(team.id).await;
    let mut history: Vec<Conversation> = vec![shown(&id).await];
    let first = rig.talks.wait_for_assigned(1).await[0].1.clone();
    history.push(shown(&id).await);
    rig.talks.set_status(team.id, &id, Status::Resolved).await;
    history.push(shown(&id).await);
    rig.talks.write_again(team.id, &id).await;
    history.push(shown(&id).await);
    rig.talks.assign_by_hand(team.id, &id, None).await;
    history.push(shown(&id).await);
    rig.talks.assign_by_hand(team.id, &id, Some(&colleague)).await;
    history.push(shown(&id).await);
    rig.talks.write_again(team.id, &id).await;
    let last = shown(&id).await;
    rig.until_count("conversation WHERE last_seq = 3", 1).await;
    let before = (team.mine(&agent).await, team.mine(&colleague).await);
    assert_eq!((before.0.open, before.1.open), (0, 1));

    for _ in 0..2 {
        for old in history.iter().rev() {
            rig.talks.tell_again(team.id, old).await;
        }
        rig.talks.tell_again(team.id, &last).await;
    }
    // The last one of all, and news: after it all the others were dealt with.
    rig.talks.write_again(team.id, &id).await;
    rig.until_count("conversation WHERE last_seq = 4", 1).await;
    assert_eq!((team.mine(&agent).await, team.mine(&colleague).await), before);
    assert_eq!(rig.talks.look(|state| state.asked).await, 1, "only {first} was ever told");
    rig.assert_loads_are_true().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_the_directory_said_earlier_changes_nobody(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let agent = team.agent(5).await;
    let now = Utc::now();
    team.tell_user(&agent, true, now).await;
    rig.until_count("agent WHERE disabled AND status = 'offline'", 1).await;
    team.tell_user(&agent, false, now - TimeDelta::hours(1)).await;
    let other = team.agent(5).await;
    rig.until_count("agent WHERE name <> ''", 2).await;
    rig.until_count("agent WHERE disabled", 1).await;
    rig.talks.begin(team.id).await;
    assert_eq!(rig.talks.wait_for_assigned(1).await[0].1, other);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_put_aside_and_the_rest_goes_on(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let agent = team.agent(5).await;
    for body in ["not json", "{}", r#"{"conversation":{"id":"nonsense"}}"#] {
        let poison = event(team.id, "conversation", "updated", body, Utc::now(), body);
        rig.bus.publish(Stream::Events, poison).await.unwrap();
    }
    let newer = r#"{"conversation":{"id":"conv_01h455vb4pex5vsknk084sn02q","status":"teleported","later":{},
        "created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}}"#;
    let newer = event(team.id, "conversation", "updated", "newer", Utc::now(), newer);
    rig.bus.publish(Stream::Events, newer).await.unwrap();
    let id = rig.talks.begin(team.id).await;
    assert_eq!(rig.talks.wait_for_assigned(1).await, [(id, agent)]);
    rig.until_settled(2, 0).await;
    let letters = rig.bus.dead_letters(0, 10).await.unwrap();
    assert_eq!(letters.len(), 3, "{letters:?}");
}
