use http::Method;
use serde_json::json;
use weft_channel::{
    ConnectContext, Connected, Intake, ProviderCall, ProviderReply, SendError, SetupError, Transport,
};

use crate::{Account, errors, wire::BotInfo};

/// Checks the token and tells LINE where to call.
pub(crate) async fn connect(
    account: &Account,
    context: &ConnectContext,
    transport: &dyn Transport,
) -> Result<Connected, SetupError> {
    let info: BotInfo = call(account.call(Method::GET, &["info"], "info")?, transport).await?.json()?;
    let Some(webhook_url) = &context.webhook_url else {
        let why = "LINE has to call us, and this server has no address that others can reach";
        return Err(SendError::account_invalid(why).into());
    };
    let endpoint = account
        .call(Method::PUT, &["channel", "webhook", "endpoint"], "webhook")?
        .json(json!({"endpoint": webhook_url}));
    call(endpoint, transport).await?;
    let intake = Intake::Webhook;
    Ok(Connected { title: info.display_name, username: info.basic_id, intake, ..Connected::default() })
}

async fn call(call: ProviderCall, transport: &dyn Transport) -> Result<ProviderReply, SetupError> {
    let reply = transport.call(call).await.map_err(SendError::from)?;
    if reply.status.is_success() {
        return Ok(reply);
    }
    Err(match errors::explain(&reply) {
        SendError::AccountInvalid { why } => {
            SetupError::Settings { field: "secrets.channel_access_token".to_owned(), why }
        }
        error => error.into(),
    })
}
