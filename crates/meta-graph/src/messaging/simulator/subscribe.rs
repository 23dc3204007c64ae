use std::collections::BTreeMap;

use serde_json::json;
use url::Url;
use weft_http::Request;

use super::{
    Simulator,
    refusal::{Answer, Refusal},
};

const CHALLENGE: &str = "1158201444";

/// Sets the app's address for webhooks; it is greeted first, and has to greet back.
pub(super) async fn set_callback(simulator: &Simulator, form: &BTreeMap<String, String>) -> Answer {
    let field = |name: &str| {
        form.get(name).ok_or_else(|| Refusal::parameter(format!("The parameter {name} is required.")))
    };
    if field("object")? != simulator.settings.object || field("fields")?.is_empty() {
        return Err(Refusal::parameter("object is none that this app is for"));
    }
    let url = Url::parse(field("callback_url")?);
    let url = url.map_err(|_| Refusal::parameter("callback_url is no address"))?;
    greet(simulator, url, field("verify_token")?).await?;
    Ok(json!({"success": true}))
}

/// Greets an address; once it has greeted back it is the webhook.
pub(super) async fn greet(simulator: &Simulator, url: Url, verify_token: &str) -> Result<(), Refusal> {
    let refused = || {
        let message = "Callback verification failed with the following errors: HTTP Status Code = 401";
        Refusal::new(400, 2200, None, message)
    };
    let greeting = Request::get(url.as_str())
        .query("hub.mode", "subscribe")
        .query("hub.challenge", CHALLENGE)
        .query("hub.verify_token", verify_token);
    let answer = simulator.client.send(greeting).await.map_err(|_| refused())?;
    if answer.status != http::StatusCode::OK || answer.body != CHALLENGE {
        return Err(refused());
    }
    simulator.world.change(|state| state.webhook = Some(url));
    Ok(())
}
