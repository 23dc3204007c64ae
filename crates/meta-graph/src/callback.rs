use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use weft_channel::{SendError, Transport};

use crate::{Access, access::result};

/// Where an app wants to be called about one kind of object.
#[derive(Clone, Copy, Debug)]
pub struct Callback<'a> {
    /// The app.
    pub app_id: &'a str,
    /// Its secret.
    pub app_secret: &'a SecretString,
    /// The kind, like `page`.
    pub object: &'a str,
    /// What Meta greets the address with.
    pub verify_token: &'a SecretString,
    /// What to tell, with commas between.
    pub fields: &'a str,
}

#[derive(Deserialize)]
struct Done {
    /// A boolean, or the word.
    success: serde_json::Value,
}

/// Sets an app's one address for a kind of object. Meta greets it before it answers.
/// <https://developers.facebook.com/docs/graph-api/webhooks/subscriptions-edge>
pub async fn set_callback(
    access: &Access<'_>,
    callback: Callback<'_>,
    url: &str,
    transport: &dyn Transport,
) -> Result<(), SendError> {
    let token: SecretString = format!("{}|{}", callback.app_id, callback.app_secret.expose_secret()).into();
    let as_app = Access { token: &token, proof: None, ..access.clone() };
    let fields = [
        ("object", callback.object),
        ("callback_url", url),
        ("verify_token", callback.verify_token.expose_secret()),
        ("fields", callback.fields),
    ];
    let form = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let call = as_app.post(&[callback.app_id, "subscriptions"], "subscriptions")?.form(form);
    let done: Done = result(call, transport, |refusal| match refusal.code {
        101 | 190 => Some(SendError::account_invalid("Meta knows no app with this id and this secret")),
        _ => None,
    })
    .await?;
    match done.success.as_bool().or(done.success.as_str().map(|word| word == "true")) {
        Some(true) => Ok(()),
        _ => Err(SendError::rejected("not_subscribed", "Meta did not take the webhook's address")),
    }
}
