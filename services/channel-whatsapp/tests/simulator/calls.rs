use serde_json::{Value, json};
use weft_channel_whatsapp::simulator::{Content, Settings};

use crate::harness::{ADA, World};

#[tokio::test]
async fn the_simulator_refuses_what_the_real_one_refuses() {
    let world = World::start().await;
    world.simulator.customer_says(ADA, Content::Text("Hello".to_owned())).unwrap();
    let Settings { access_token, phone_number_id, .. } = Settings::default();
    let to_ada = |kind: &str, content: Value| json!({"messaging_product": "whatsapp", "to": ADA, "type": kind, kind: content});
    let interactive = |action: Value, kind: &str| {
        to_ada("interactive", json!({"type": kind, "body": {"text": "Well?"}, "action": action}))
    };
    let button = |title: &str| json!({"type": "reply", "reply": {"id": "a", "title": title}});
    let table = [
        (json!({"to": ADA, "type": "text", "text": {"body": "x"}}), 100),
        (json!({"messaging_product": "whatsapp", "type": "text", "text": {"body": "x"}}), 100),
        (json!({"messaging_product": "whatsapp", "to": "ada", "type": "text", "text": {"body": "x"}}), 100),
        (
            json!({"messaging_product": "whatsapp", "recipient": "GB.1", "type": "text", "text": {"body": "x"}}),
            100,
        ),
        (to_ada("text", json!({"body": " "})), 100),
        (to_ada("text", json!({"body": "x".repeat(4097)})), 100),
        (to_ada("image", json!({"id": "1"})), 100),
        (to_ada("image", json!({"link": "https://cdn.example.com/a.jpg"})), 131_052),
        (to_ada("location", json!({"latitude": 1})), 100),
        (to_ada("contacts", json!([])), 100),
        (to_ada("telepathy", json!({})), 131_051),
        (interactive(json!({"buttons": vec![button("Yes"); 4]}), "button"), 100),
        (interactive(json!({"buttons": [button("Longer than twenty chars")]}), "button"), 100),
        (
            interactive(
                json!({"button": "Slots", "sections": [{"rows": vec![json!({"id": "a", "title": "A"}); 11]}]}),
                "list",
            ),
            100,
        ),
        (json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.HBgMNO"}), 100),
    ];
    let messages = format!("/v25.0/{phone_number_id}/messages");
    for (body, code) in table {
        let (status, answer) = world.post(&access_token, &messages, body.clone()).await;
        assert_eq!((status, answer["error"]["code"].as_i64()), (400, Some(code)), "{body}");
    }
    assert!(world.simulator.sent().is_empty());
    let hello = to_ada("text", json!({"body": "x"}));
    assert_eq!(world.post("EAAWrong", &messages, hello.clone()).await.0, 401);
    assert_eq!(world.post(&access_token, "/v25.0/200000000000009/messages", hello).await.0, 400);
}

#[tokio::test]
async fn customers_and_faults_can_be_driven_from_outside() {
    let world = World::start().await;
    let token = Settings::default().access_token;
    let says = format!("/simulator/customers/{ADA}/messages");
    assert_eq!(world.post(&token, &says, json!({"text": "Hello"})).await.0, 201);
    assert_eq!(world.post(&token, &says, json!({"choice": {"to": "x", "id": "y"}})).await.0, 400);
    let fault =
        json!({"kind": "error", "code": 131_000, "status": 500, "for_next": 1, "edges": ["messages"]});
    assert_eq!(world.post(&token, "/simulator/faults", fault).await.0, 204);
    assert!(world.say(ADA, "Hi").await.is_err());
    world.say(ADA, "Hi").await.unwrap();
    assert_eq!(world.simulator.sent().len(), 1);
}
