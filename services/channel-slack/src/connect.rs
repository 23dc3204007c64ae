use serde_json::json;
use weft_channel::{ConnectContext, Connected, Intake, SendError, SetupError, Transport};

use crate::{Account, api, wire::Identity};

/// Checks that the token is the app's in this workspace. Where Slack calls is entered in its console by hand.
pub(crate) async fn connect(
    account: &Account,
    context: &ConnectContext,
    transport: &dyn Transport,
) -> Result<Connected, SetupError> {
    let call = api::json(account, "auth.test", json!({}))?;
    let identity: Identity = api::result(call, transport).await.map_err(explain)?;
    let wrong = |field: &str, why: String| SetupError::Settings { field: field.to_owned(), why };
    if identity.team_id != account.team_id {
        let why = format!("the bot token is of the workspace {}", identity.team_id);
        return Err(wrong("settings.team_id", why));
    }
    if identity.bot_id.is_none() {
        let why = "this is a person's token; the app's begins with `xoxb-`".to_owned();
        return Err(wrong("secrets.bot_token", why));
    }
    if context.webhook_url.is_none() {
        let why = "Slack has to call us, and this server has no address that others can reach";
        return Err(SendError::account_invalid(why).into());
    }
    Ok(Connected {
        title: identity.team,
        username: Some(format!("@{}", identity.user)).filter(|name| name.len() > 1),
        intake: Intake::Webhook,
        ..Connected::default()
    })
}

fn explain(error: SendError) -> SetupError {
    match error {
        SendError::AccountInvalid { why } => {
            SetupError::Settings { field: "secrets.bot_token".to_owned(), why }
        }
        other => other.into(),
    }
}
