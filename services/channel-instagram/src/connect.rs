use serde::Deserialize;
use weft_channel::{ConnectContext, Connected, Intake, SendError, SetupError, Transport};
use weft_meta_graph::{Callback, fields, result, set_callback};

use crate::{Account, Login, errors, ice_breakers};

/// What the account tells the app of.
const FIELDS: &str = "messages,messaging_postbacks,messaging_seen,message_reactions,messaging_referral,message_edit,\
                      standby";

/// Whose token it is: a page, or with Instagram Login a user.
#[derive(Deserialize)]
struct Node {
    id: Option<String>,
    /// The account's id as webhooks name it.
    user_id: Option<String>,
    #[serde(default)]
    name: String,
    username: Option<String>,
}

/// Checks the token, has Meta call us where it can be set, and the app told of the account.
pub(crate) async fn connect(
    account: &Account,
    context: &ConnectContext,
    transport: &dyn Transport,
) -> Result<Connected, SetupError> {
    let desk = account.desk();
    let (fields, id) = match account.login {
        Login::Page => ("id,name", "settings.page_id"),
        Login::Instagram => ("user_id,username,name", "settings.ig_account_id"),
    };
    let explain = |error| explain(error, id);
    let mut call = desk.access.get(&["me"], "account")?;
    call.url.query_pairs_mut().append_pair("fields", fields);
    let node: Node = result(call, transport, errors::meaning).await.map_err(explain)?;
    let known_as = match account.login {
        Login::Page => &node.id,
        Login::Instagram => &node.user_id,
    };
    if let Some(other) = known_as.as_deref().filter(|known| *known != desk.node) {
        let why = format!("the token is that of another one, with the id {other}");
        return Err(SetupError::Settings { field: id.to_owned(), why });
    }
    if let (Login::Page, Some(app_id), Some(url)) =
        (account.login, account.app_id(), context.shared_webhook_url())
    {
        let callback = Callback {
            app_id,
            app_secret: &account.app_secret,
            object: "instagram",
            verify_token: &account.verify_token,
            fields: FIELDS,
        };
        set_callback(&desk.access, callback, url, transport).await.map_err(|error| match error {
            SendError::AccountInvalid { why } => {
                SetupError::Settings { field: "settings.app_id".to_owned(), why }
            }
            other => other.into(),
        })?;
    }
    desk.subscribe(FIELDS, transport).await.map_err(explain)?;
    if !account.ice_breakers.is_empty() {
        ice_breakers::offer(account, transport)
            .await
            .map_err(|error| self::explain(error, "settings.ice_breakers"))?;
    }
    let title = if node.name.is_empty() { node.username.clone().unwrap_or_default() } else { node.name };
    Ok(Connected {
        title,
        username: node.username,
        intake: Intake::Webhook,
        credentials_expire_at: account.token_expires_on.as_deref().and_then(fields::day),
        ..Connected::default()
    })
}

/// Names the field at fault: the token, or what was asked for.
fn explain(error: SendError, asked: &str) -> SetupError {
    let (field, why) = match error {
        SendError::AccountInvalid { why } => ("secrets.access_token", why),
        SendError::MessageInvalid { why } => (asked, why),
        other => return SetupError::Provider(other),
    };
    SetupError::Settings { field: field.to_owned(), why }
}
