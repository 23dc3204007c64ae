use serde_json::json;
use weft_channel::{ConnectContext, Connected, Intake, SendError, SetupError, Transport};

use crate::{Account, errors};

/// What Viber reports; messages come in any case.
const EVENTS: [&str; 6] =
    ["delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started"];

/// Tells Viber where to call, which checks the token and the address: Viber calls it before it answers.
pub(crate) async fn connect(
    account: &Account,
    context: &ConnectContext,
    transport: &dyn Transport,
) -> Result<Connected, SetupError> {
    let Some(webhook_url) = &context.webhook_url else {
        let why = "Viber has to call us, and this server has no address that others can reach";
        return Err(SendError::account_invalid(why).into());
    };
    let wanted = json!({"url": webhook_url, "event_types": EVENTS, "send_name": true, "send_photo": true});
    let reply = transport.call(account.call("set_webhook", wanted)?).await.map_err(SendError::from)?;
    match errors::read(&reply) {
        Ok(_) => {
            Ok(Connected { title: account.bot_name.clone(), intake: Intake::Webhook, ..Connected::default() })
        }
        Err(SendError::AccountInvalid { why }) => {
            Err(SetupError::Settings { field: "secrets.auth_token".to_owned(), why })
        }
        Err(error) => Err(error.into()),
    }
}
