use secrecy::ExposeSecret as _;
use serde_json::json;
use weft_channel::{ConnectContext, Connected, Intake, SendError, SetupError, Transport};

use crate::{
    Account, api,
    wire::{Done, Number},
};

/// Checks the token and the number, and has Meta call us for the business account.
pub(crate) async fn connect(
    account: &Account,
    context: &ConnectContext,
    transport: &dyn Transport,
) -> Result<Connected, SetupError> {
    let mut call = api::get(account, &[&account.phone_number_id], "phone_number")?;
    call.url.query_pairs_mut().append_pair("fields", "display_phone_number,verified_name,quality_rating");
    let number: Number =
        api::result(call, transport).await.map_err(|error| explain(error, "settings.phone_number_id"))?;

    // one address for all numbers: the account has only one, and several numbers may share it
    let body = match context.shared_webhook_url() {
        Some(url) => json!({
            "override_callback_uri": url,
            "verify_token": account.verify_token.expose_secret(),
        }),
        None => json!({}),
    };
    let call = api::post(account, &[&account.waba_id, "subscribed_apps"], "subscribed_apps", body)?;
    let done: Done =
        api::result(call, transport).await.map_err(|error| explain(error, "settings.waba_id"))?;
    if !done.success {
        return Err(
            SendError::rejected("not_subscribed", "Meta did not subscribe the app to the account").into()
        );
    }
    Ok(Connected {
        title: number.verified_name,
        username: number.display_phone_number,
        intake: Intake::Webhook,
        ..Connected::default()
    })
}

/// Names the field at fault: the token, or the id in the address.
fn explain(error: SendError, id: &str) -> SetupError {
    let (field, why) = match error {
        SendError::AccountInvalid { why } => ("secrets.access_token", why),
        SendError::MessageInvalid { why } => (id, why),
        other => return SetupError::Provider(other),
    };
    SetupError::Settings { field: field.to_owned(), why }
}
