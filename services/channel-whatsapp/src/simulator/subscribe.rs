use serde_json::{Value, json};
use url::Url;
use weft_http::Request;

use super::{
    Simulator,
    refusal::{Answer, Refusal},
};

const CHALLENGE: &str = "1158201444";

/// Subscribes the app; a webhook of its own is greeted first, and has to greet back.
pub(super) async fn subscribe(simulator: &Simulator, body: &Value) -> Answer {
    let Some(url) = body.get("override_callback_uri").and_then(Value::as_str) else {
        return Ok(json!({"success": true}));
    };
    let refused = || Refusal::parameter("Callback verification failed");
    let token = body.get("verify_token").and_then(Value::as_str).unwrap_or_default();
    let url = Url::parse(url).map_err(|_| Refusal::parameter("override_callback_uri is no address"))?;
    let greeting = Request::get(url.as_str())
        .query("hub.mode", "subscribe")
        .query("hub.challenge", CHALLENGE)
        .query("hub.verify_token", token);
    let answer = simulator.client.send(greeting).await.map_err(|_| refused())?;
    if answer.status != http::StatusCode::OK || answer.body != CHALLENGE {
        return Err(refused());
    }
    simulator.world.change(|state| state.webhook = Some(url));
    Ok(json!({"success": true}))
}
