use serde_json::{Value, json};
use weft_channel_instagram::{
    Login,
    simulator::{Content, Settings, settings},
};

use crate::harness::{ADA, World};

#[tokio::test]
async fn the_simulator_refuses_what_the_real_one_refuses() {
    let world = World::start().await;
    world.simulator.customer_says(ADA, Content::Text("Hello".to_owned())).unwrap();
    let Settings { access_token, node, .. } = settings(Login::Page);
    let to_ada = |message: Value| json!({"recipient": {"id": ADA}, "message": message});
    let table = [
        json!({"message": {"text": "x"}}),
        json!({"recipient": {"id": "1"}, "message": {"text": "x"}}),
        json!({"recipient": {"id": ADA}, "messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE", "message": {"text": "x"}}),
        to_ada(json!({"text": "ä".repeat(501)})),
        to_ada(json!({"attachment": {"type": "image", "payload": {}}})),
        to_ada(json!({"attachment": {"type": "location", "payload": {}}})),
    ];
    let messages = format!("/v25.0/{node}/messages");
    for body in table {
        let (status, answer) = world.post(&access_token, &messages, body.clone()).await;
        assert_eq!((status, answer["error"]["code"].as_i64()), (400, Some(100)), "{body}");
    }
    assert!(world.simulator.sent().is_empty());
    let longest = to_ada(json!({"text": "ä".repeat(500)}));
    assert_eq!(world.post("EAAWrong", &messages, longest.clone()).await.0, 401);
    assert_eq!(world.post(&access_token, &messages, longest).await.0, 200);
    let profile = format!("/v25.0/{node}/messenger_profile");
    let question = json!({"question": "Open?", "payload": "A"});
    let five = json!({"ice_breakers": [{"locale": "default", "call_to_actions": vec![question; 5]}]});
    assert_eq!(world.post(&access_token, &profile, five).await.0, 400);
}
