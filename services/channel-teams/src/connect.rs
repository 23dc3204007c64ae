use weft_channel::{ConnectContext, Connected, Intake, SendError, SetupError, Transport};

use crate::{Account, token};

/// Checks the app's id and secret by getting a token. Where Teams calls is entered in the Azure portal by hand.
pub(crate) async fn connect(
    account: &Account,
    context: &ConnectContext,
    transport: &dyn Transport,
) -> Result<Connected, SetupError> {
    token::get(account, transport).await.map_err(|error| match error {
        SendError::AccountInvalid { why } => SetupError::Settings { field: field(&why).to_owned(), why },
        other => other.into(),
    })?;
    if context.webhook_url.is_none() {
        let why = "Teams has to call us, and this server has no address that others can reach";
        return Err(SendError::account_invalid(why).into());
    }
    Ok(Connected { intake: Intake::Webhook, ..Connected::default() })
}

/// The field at fault, as the words say.
fn field(why: &str) -> &'static str {
    if why.contains("secret") { "secrets.app_secret" } else { "settings.app_id" }
}
