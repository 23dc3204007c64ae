//! Who looks at a conversation and who writes in it is seen by the others.

use serde_json::{Value, json};
use weft_domain::{Role, id};

use crate::{rig::Rig, socket::Socket};

impl Socket {
    async fn present(&mut self, conversation: &str, doing: &str) -> Value {
        self.say(json!({"type": "present", "conversation": conversation, "doing": doing})).await;
        self.next_of("viewers").await["viewers"].clone()
    }

    async fn seen(&mut self) -> (String, String) {
        let frame = self.next_of("live").await;
        assert_eq!(frame["event"], "viewer");
        let word = |name: &str| frame["data"][name].as_str().unwrap().to_owned();
        (word("who"), word("doing"))
    }
}

#[tokio::test]
async fn two_who_are_in_a_conversation_see_each_other_and_who_leaves_is_gone() {
    let rig = Rig::new().await;
    let (ann, bob) = (rig.principal(rig.tenant, Role::Agent), rig.principal(rig.tenant, Role::Agent));
    let (ann_id, bob_id) = (ann.user().to_string(), bob.user().to_string());
    let conversation = id::new::<id::Conversation>().to_string();
    let other = id::new::<id::Conversation>().to_string();
    let mut of_ann = Socket::connect(&rig, &rig.token(&ann)).await;
    let mut of_bob = Socket::connect(&rig, &rig.token(&bob)).await;
    of_bob.follow(json!([conversation])).await;
    assert_eq!(of_ann.present(&other, "viewing").await, json!([]));
    assert_eq!(of_ann.present(&conversation, "viewing").await, json!([]));
    assert_eq!(of_bob.seen().await, (ann_id.clone(), "viewing".into()));
    let here = json!([{"who": ann_id, "doing": "viewing"}]);
    assert_eq!(of_bob.present(&conversation, "viewing").await, here);
    assert_eq!(of_bob.seen().await, (bob_id.clone(), "viewing".into()));
    let here = json!([{"who": bob_id, "doing": "viewing"}]);
    assert_eq!(of_ann.present(&conversation, "composing").await, here);
    assert_eq!(of_bob.seen().await, (ann_id.clone(), "composing".into()));

    // a second window of the same person stays when the first one closes
    let mut second = Socket::connect(&rig, &rig.token(&ann)).await;
    second.present(&conversation, "viewing").await;
    assert_eq!(of_bob.seen().await, (ann_id.clone(), "composing".into()));
    drop(of_ann);
    assert_eq!(of_bob.seen().await, (ann_id.clone(), "viewing".into()));
    second.present(&conversation, "gone").await;
    assert_eq!(of_bob.seen().await, (ann_id, "gone".into()));
    assert_eq!(of_bob.present(&conversation, "viewing").await, json!([]));
}

#[tokio::test]
async fn a_tenant_s_viewers_are_its_own_and_a_socket_is_in_some_conversations_only() {
    let rig = Rig::new().await;
    let conversation = id::new::<id::Conversation>().to_string();
    let mut mine = Socket::connect(&rig, &rig.agent().1).await;
    let stranger = rig.principal(id::new(), Role::Admin);
    let mut theirs = Socket::following(&rig, &rig.token(&stranger)).await;
    mine.present(&conversation, "composing").await;
    assert_eq!(theirs.present(&conversation, "viewing").await, json!([]));
    assert_eq!(theirs.seen().await.0, stranger.user().to_string());
    for _ in 0..9 {
        mine.present(&id::new::<id::Conversation>().to_string(), "viewing").await;
    }
    for (conversation, reason) in [
        (id::new::<id::Conversation>().to_string(), "too_many_conversations"),
        ("conv_1".into(), "invalid_id"),
    ] {
        mine.say(json!({"type": "present", "conversation": conversation, "doing": "viewing"})).await;
        assert_eq!(mine.next_of("error").await["reason"], reason);
    }
}
