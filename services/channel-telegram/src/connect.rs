use std::collections::BTreeMap;

use secrecy::ExposeSecret as _;
use serde_json::json;
use weft_channel::{ConnectContext, Connected, Intake, SendError, SetupError, Transport, make_secret};

use crate::{Account, Mode, api, errors::Failure, inbound::WANTED, wire::User};

/// How many calls at once Telegram makes to the webhook; its own default.
const MAX_CONNECTIONS: u32 = 40;

/// Checks the token and sets up the way messages come in.
pub(crate) async fn connect(
    account: &Account,
    context: &ConnectContext,
    transport: &dyn Transport,
) -> Result<Connected, SetupError> {
    let me: User = api::result(api::json(account, "getMe", json!({})), transport).await.map_err(explain)?;
    let connected = Connected { title: me.first_name, username: me.username, ..Connected::default() };
    match &context.webhook_url {
        Some(url) if account.mode == Mode::Webhook => set_webhook(account, url, connected, transport).await,
        _ => {
            let call = api::json(account, "deleteWebhook", json!({}));
            let _removed: bool = api::result(call, transport).await.map_err(explain)?;
            Ok(Connected { intake: Intake::Poll, ..connected })
        }
    }
}

async fn set_webhook(
    account: &Account,
    url: &str,
    connected: Connected,
    transport: &dyn Transport,
) -> Result<Connected, SetupError> {
    let mut secrets_made = BTreeMap::new();
    let secret = account.webhook_secret.clone().unwrap_or_else(|| {
        let made = make_secret();
        secrets_made.insert("webhook_secret".to_owned(), made.clone());
        made
    });
    let parameters = json!({
        "url": url,
        "secret_token": secret.expose_secret(),
        "max_connections": MAX_CONNECTIONS,
        "allowed_updates": WANTED,
    });
    let call = api::json(account, "setWebhook", parameters);
    let _set: bool = api::result(call, transport).await.map_err(explain)?;
    Ok(Connected { intake: Intake::Webhook, secrets_made, ..connected })
}

fn explain(failure: Failure) -> SetupError {
    match failure.into_error() {
        SendError::AccountInvalid { why } => {
            SetupError::Settings { field: "secrets.bot_token".to_owned(), why }
        }
        error => SetupError::Provider(error),
    }
}
