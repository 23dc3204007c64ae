use serde::Deserialize;
use weft_channel::{ConnectContext, Connected, Intake, SendError, SetupError, Transport};
use weft_meta_graph::{Callback, result, set_callback};

use crate::{Account, errors};

/// What the page tells the app of.
const FIELDS: &str = "messages,messaging_postbacks,message_deliveries,message_reads,message_reactions,message_echoes,\
                      message_edits,messaging_referrals,messaging_optins,standby,messaging_handovers";

/// Whose token it is.
#[derive(Deserialize)]
struct Page {
    id: String,
    #[serde(default)]
    name: String,
}

/// Checks the token, has Meta call us for the app, and the app told of the page.
pub(crate) async fn connect(
    account: &Account,
    context: &ConnectContext,
    transport: &dyn Transport,
) -> Result<Connected, SetupError> {
    let desk = account.desk();
    let mut call = desk.access.get(&["me"], "page")?;
    call.url.query_pairs_mut().append_pair("fields", "id,name");
    let page: Page = result(call, transport, errors::meaning).await.map_err(explain)?;
    if page.id != account.page_id {
        let why = format!("the token is that of another page, “{}” with the id {}", page.name, page.id);
        return Err(SetupError::Settings { field: "settings.page_id".to_owned(), why });
    }
    if let (Some(app_id), Some(url)) = (account.app_id(), context.shared_webhook_url()) {
        let callback = Callback {
            app_id,
            app_secret: &account.app_secret,
            object: "page",
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
    Ok(Connected { title: page.name, intake: Intake::Webhook, ..Connected::default() })
}

/// Names the field at fault: the token, or the id in the address.
fn explain(error: SendError) -> SetupError {
    let (field, why) = match error {
        SendError::AccountInvalid { why } => ("secrets.page_access_token", why),
        SendError::MessageInvalid { why } => ("settings.page_id", why),
        other => return SetupError::Provider(other),
    };
    SetupError::Settings { field: field.to_owned(), why }
}
