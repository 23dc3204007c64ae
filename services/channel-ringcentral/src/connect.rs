use std::collections::BTreeMap;

use http::Method;
use serde::de::IgnoredAny;
use weft_channel::{ConnectContext, Connected, Intake, SendError, SetupError, Transport, make_secret};

use crate::{
    Account, api,
    errors::{WRONG_CLIENT, WRONG_JWT, WRONG_NUMBER},
    subscription,
    wire::{Listed, OwnNumber},
};

/// Signs in, looks whether the extension may do what the channel is for, and subscribes. Messages and calls are asked for as
/// well: RingCentral tells only so what became of a message, and a webhook that was away is not called again.
pub(crate) async fn connect(
    account: &Account,
    context: &ConnectContext,
    transport: &dyn Transport,
) -> Result<Connected, SetupError> {
    check_number(account, transport).await.map_err(field)?;
    if account.purpose.takes_calls() {
        check_call_log(account, transport).await.map_err(field)?;
    }
    let mut secrets_made = BTreeMap::new();
    if let Some(url) = &context.webhook_url {
        let secret = account.webhook_validation_token.clone().unwrap_or_else(|| {
            let made = make_secret();
            secrets_made.insert("webhook_validation_token".to_owned(), made.clone());
            made
        });
        subscription::begin(account, url, &secret, transport).await.map_err(field)?;
    }
    let username = Some(account.from_number.clone());
    Ok(Connected { username, secrets_made, intake: Intake::Poll, ..Connected::default() })
}

/// The number is one of the extension's, and sends SMS if that is what the channel is for.
async fn check_number(account: &Account, transport: &dyn Transport) -> Result<(), SendError> {
    let mut call = api::of_extension(account, Method::GET, &["phone-number"], "light");
    call.url.set_query(Some("perPage=1000"));
    let numbers: Listed<OwnNumber> = api::result(call, transport).await?;
    let needs_sms = account.purpose.takes_messages();
    let is_meant = |own: &OwnNumber| {
        let sends = own.features.iter().any(|feature| feature == "SmsSender");
        own.phone_number == account.from_number && (sends || !needs_sms)
    };
    if numbers.records.iter().any(is_meant) { Ok(()) } else { Err(SendError::account_invalid(WRONG_NUMBER)) }
}

async fn check_call_log(account: &Account, transport: &dyn Transport) -> Result<(), SendError> {
    let mut call = api::of_extension(account, Method::GET, &["call-log"], "heavy");
    call.url.set_query(Some("perPage=1"));
    let _readable: IgnoredAny = api::result(call, transport).await?;
    Ok(())
}

/// Which field a person has to look at.
fn field(error: SendError) -> SetupError {
    let SendError::AccountInvalid { why } = &error else { return error.into() };
    let field = match why.as_str() {
        WRONG_CLIENT => "secrets.client_secret",
        WRONG_JWT => "secrets.jwt",
        WRONG_NUMBER => "settings.from_number",
        _ => return error.into(),
    };
    SetupError::Settings { field: field.to_owned(), why: why.clone() }
}
