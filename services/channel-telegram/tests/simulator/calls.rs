use serde_json::{Value, json};

use crate::harness::{ADA, World};

#[tokio::test]
async fn the_simulator_refuses_what_the_real_one_refuses() {
    let world = World::start().await;
    world.simulator.add_customer(ADA, "Ada", "en");
    let buttons =
        |button: Value| json!({"chat_id": ADA, "text": "x", "reply_markup": {"inline_keyboard": [[button]]}});
    let table = [
        ("sendMessage", json!({"text": "x"}), "Bad Request: chat_id is empty"),
        ("sendMessage", json!({"chat_id": 5, "text": "x"}), "Bad Request: chat not found"),
        ("sendMessage", json!({"chat_id": "@ada", "text": "x"}), "Bad Request: chat not found"),
        ("sendMessage", json!({"chat_id": ADA, "text": " "}), "Bad Request: message text is empty"),
        (
            "sendMessage",
            json!({"chat_id": ADA, "text": "x".repeat(4097)}),
            "Bad Request: message is too long",
        ),
        (
            "sendMessage",
            buttons(json!({"text": "a", "url": "nonsense"})),
            "Bad Request: inline keyboard button URL",
        ),
        (
            "sendMessage",
            buttons(json!({"text": "a", "callback_data": "x".repeat(65)})),
            "Bad Request: BUTTON_DATA",
        ),
        (
            "sendMessage",
            json!({"chat_id": ADA, "text": "x", "reply_parameters": {"message_id": 9}}),
            "Bad Request: message to be replied not found",
        ),
        ("sendPhoto", json!({"chat_id": ADA}), "Bad Request: there is no photo in the request"),
        ("sendLocation", json!({"chat_id": ADA, "latitude": 1}), "Bad Request: latitude and longitude"),
        ("getFile", json!({"file_id": "AgAC"}), "Bad Request: wrong file_id"),
        ("answerCallbackQuery", json!({"callback_query_id": "1"}), "Bad Request: query is too old"),
        (
            "editMessageText",
            json!({"chat_id": ADA, "message_id": 9, "text": "x"}),
            "Bad Request: message to edit not found",
        ),
        (
            "setWebhook",
            json!({"url": "http://hooks.example.com/a"}),
            "Bad Request: bad webhook: An HTTPS URL",
        ),
        (
            "setWebhook",
            json!({"url": "https://hooks.example.com:8080/a"}),
            "Bad Request: bad webhook: Webhook can be set up only",
        ),
        ("setWebhook", json!({"url": "https://x.test", "secret_token": "a b"}), "Bad Request: secret token"),
        ("sendTelepathy", json!({}), "Not Found: method not found"),
    ];
    for (method, parameters, description) in table {
        let (status, body) = world.call(method, parameters).await;
        assert!(body["description"].as_str().unwrap().starts_with(description), "{method}: {body}");
        assert_eq!(
            (body["ok"].as_bool(), body["error_code"].as_u64()),
            (Some(false), Some(u64::from(status)))
        );
    }
    assert!(world.simulator.sent().is_empty());
    let wrong = world.post(&format!("{}/bot1:wrong/getMe", world.base), json!({})).await;
    assert_eq!(wrong.0, 401);
}

#[tokio::test]
async fn the_webhook_cannot_be_set_twice_in_a_second() {
    let world = World::start().await;
    let set = async || world.call("setWebhook", json!({"url": "https://hooks.example.com/a"})).await;
    assert_eq!(set().await.0, 200);
    let (status, body) = set().await;
    assert_eq!((status, body["parameters"]["retry_after"].as_u64()), (429, Some(1)));
    let (_, info) = world.call("getWebhookInfo", json!({})).await;
    assert_eq!(info["result"]["url"], "https://hooks.example.com/a");
}

#[tokio::test]
async fn an_edit_without_a_change_is_refused() {
    let world = World::start().await;
    world.simulator.add_customer(ADA, "Ada", "en");
    let (_, sent) = world.call("sendMessage", json!({"chat_id": ADA, "text": "a"})).await;
    let id = &sent["result"]["message_id"];
    let edit = async |text: &str| {
        world.call("editMessageText", json!({"chat_id": ADA, "message_id": id, "text": text})).await
    };
    assert_eq!(edit("b").await.0, 200);
    assert!(edit("b").await.1["description"].as_str().unwrap().contains("message is not modified"));
    assert_eq!(world.call("deleteMessage", json!({"chat_id": ADA, "message_id": id})).await.0, 200);
    assert_eq!(world.call("deleteMessage", json!({"chat_id": ADA, "message_id": id})).await.0, 400);
}
