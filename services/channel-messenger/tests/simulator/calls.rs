use serde_json::{Value, json};
use weft_channel_messenger::simulator::{Content, Settings, settings};

use crate::harness::{ADA, World};

#[tokio::test]
async fn the_simulator_refuses_what_the_real_one_refuses() {
    let world = World::start().await;
    world.simulator.customer_says(ADA, Content::Text("Hello".to_owned())).unwrap();
    let Settings { access_token, node, .. } = settings();
    let to_ada =
        |message: Value| json!({"recipient": {"id": ADA}, "messaging_type": "RESPONSE", "message": message});
    let choice = |title: &str| json!({"content_type": "text", "title": title, "payload": "A"});
    let button = json!({"type": "postback", "title": "A", "payload": "A"});
    let template = |text: &str, count: usize| {
        let buttons = vec![button.clone(); count];
        let payload = json!({"template_type": "button", "text": text, "buttons": buttons});
        to_ada(json!({"attachment": {"type": "template", "payload": payload}}))
    };
    let table = [
        json!({"messaging_type": "RESPONSE", "message": {"text": "x"}}),
        json!({"recipient": {"id": "1"}, "messaging_type": "RESPONSE", "message": {"text": "x"}}),
        json!({"recipient": {"id": ADA}, "message": {"text": "x"}}),
        json!({"recipient": {"id": ADA}, "messaging_type": "MESSAGE_TAG", "tag": "SALE", "message": {"text": "x"}}),
        json!({"recipient": {"id": ADA}, "messaging_type": "RESPONSE"}),
        json!({"recipient": {"id": ADA}, "sender_action": "dance"}),
        to_ada(json!({"text": " "})),
        to_ada(json!({"text": "ü".repeat(2001)})),
        to_ada(json!({"text": "x", "attachment": {"type": "image", "payload": {"url": "https://x.test/a"}}})),
        to_ada(json!({"text": "x", "metadata": "x".repeat(1000)})),
        to_ada(json!({"text": "x", "quick_replies": vec![choice("A"); 14]})),
        to_ada(json!({"text": "x", "quick_replies": [choice("Longer than twenty chars")]})),
        to_ada(json!({"attachment": {"type": "image", "payload": {}}})),
        to_ada(json!({"attachment": {"type": "hologram", "payload": {"url": "https://x.test/a"}}})),
        template("x", 4),
        template(&"x".repeat(641), 1),
    ];
    let messages = format!("/v25.0/{node}/messages");
    for body in table {
        let (status, answer) = world.post(&access_token, &messages, body.clone()).await;
        assert_eq!((status, answer["error"]["code"].as_i64()), (400, Some(100)), "{body}");
    }
    assert!(world.simulator.sent().is_empty());
    let hello = to_ada(json!({"text": "ü".repeat(2000)}));
    assert_eq!(world.post("EAAWrong", &messages, hello.clone()).await.0, 401);
    assert_eq!(world.post(&access_token, "/v25.0/300000000000009/messages", hello.clone()).await.0, 400);
    assert_eq!(world.post(&access_token, &messages, hello).await.0, 200);
}

#[tokio::test]
async fn customers_and_faults_can_be_driven_from_outside() {
    let world = World::start().await;
    let token = settings().access_token;
    let says = format!("/simulator/customers/{ADA}/messages");
    assert_eq!(world.post(&token, &says, json!({"text": "Hello"})).await.0, 201);
    assert_eq!(world.post(&token, &says, json!({"choice": {"to": "x", "payload": "y"}})).await.0, 400);
    let inbox = format!("/simulator/inbox/{ADA}/messages");
    assert_eq!(world.post(&token, &inbox, json!({"text": "Hello"})).await.0, 201);
    let fault = json!({"kind": "error", "code": 2, "status": 500, "for_next": 1, "edges": ["messages"]});
    assert_eq!(world.post(&token, "/simulator/faults", fault).await.0, 204);
    assert!(world.say(ADA, "Hi").await.is_err());
    world.say(ADA, "Hi").await.unwrap();
    assert_eq!(world.simulator.sent().len(), 1);
}
