//! Who of us is there, away or gone is seen by the others.

use serde_json::{Value, json};
use weft_domain::{Role, id};

use crate::{rig::Rig, socket::Socket};

impl Socket {
    async fn attendance_of(&mut self, users: &[&str]) -> Value {
        self.say(json!({"type": "ask_attendance", "users": users})).await;
        self.next_of("attendance").await["people"].clone()
    }

    async fn came_or_went(&mut self) -> Value {
        while self.people.is_empty() {
            let frame = self.next_unless_behind_or_about_people().await.expect("a client that keeps up");
            if let Some(frame) = frame {
                self.put_back.push_back(frame);
            }
        }
        self.people.pop_front().unwrap()
    }
}

#[tokio::test]
async fn who_comes_goes_or_is_away_is_seen_with_when_they_were_last_there() {
    let rig = Rig::new().await;
    let (ann, bob) = (rig.principal(rig.tenant, Role::Agent), rig.principal(rig.tenant, Role::Agent));
    let ann_id = ann.user().to_string();
    let mut of_bob = Socket::following(&rig, &rig.token(&bob)).await;
    assert_eq!(
        of_bob.attendance_of(&[&ann_id]).await,
        json!([{"who": ann_id, "state": "offline", "last_seen_at": null}])
    );

    let mut first = Socket::connect(&rig, &rig.token(&ann)).await;
    assert_eq!(of_bob.came_or_went().await, json!({"who": ann_id, "state": "online", "last_seen_at": null}));
    let mut second = Socket::connect(&rig, &rig.token(&ann)).await;
    second.attendance_of(&[]).await;
    first.say(json!({"type": "attend", "away": true})).await;
    first.attendance_of(&[]).await;
    let shown = of_bob.attendance_of(&[&ann_id]).await;
    assert_eq!(
        shown,
        json!([{"who": ann_id, "state": "online", "last_seen_at": null}]),
        "they are at the other window"
    );
    second.say(json!({"type": "attend", "away": true})).await;
    let away = of_bob.came_or_went().await;
    assert_eq!((&away["who"], &away["state"]), (&json!(ann_id), &json!("away")));
    assert!(away["last_seen_at"].is_string(), "{away}");
    first.say(json!({"type": "attend", "away": false})).await;
    assert_eq!(of_bob.came_or_went().await["state"], "online");
    drop(first);
    assert_eq!(of_bob.came_or_went().await["state"], "away");
    drop(second);
    assert_eq!(of_bob.came_or_went().await["state"], "offline");
    let gone = of_bob.attendance_of(&[&ann_id]).await;
    assert_eq!(gone[0]["state"], "offline");
    assert!(gone[0]["last_seen_at"].is_string(), "{gone}");
}

#[tokio::test]
async fn another_tenant_s_people_are_as_unknown_as_people_that_there_are_not() {
    let rig = Rig::new().await;
    let stranger = rig.principal(id::new(), Role::Admin);
    let _theirs = Socket::following(&rig, &rig.token(&stranger)).await;
    let mut mine = Socket::following(&rig, &rig.agent().1).await;
    let who = stranger.user().to_string();
    assert_eq!(
        mine.attendance_of(&[&who]).await,
        json!([{"who": who, "state": "offline", "last_seen_at": null}])
    );
    let many: Vec<String> = (0..101).map(|_| id::new::<id::User>().to_string()).collect();
    for (users, reason) in [(json!(many), "too_many_users"), (json!(["user_1"]), "invalid_id")] {
        mine.say(json!({"type": "ask_attendance", "users": users})).await;
        assert_eq!(mine.next_of("error").await["reason"], reason);
    }
}
