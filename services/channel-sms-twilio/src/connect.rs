use serde::de::IgnoredAny;
use weft_channel::{ConnectContext, Connected, ProviderCall, SendError, SetupError, Transport};

use crate::{
    Account, address, api,
    wire::{AccountResource, Numbers},
};

/// Checks the credentials and tells Twilio where to call us.
pub(crate) async fn connect(
    account: &Account,
    context: &ConnectContext,
    transport: &dyn Transport,
) -> Result<Connected, SetupError> {
    // with the token and not a key: its signatures have to be checked
    let call = api::with_token(account, ProviderCall::get(api::own_url(account), "account"));
    let own: AccountResource =
        api::result(call, transport).await.map_err(|error| named(error, "secrets.auth_token"))?;
    if !matches!(own.status.as_str(), "" | "active") {
        return Err(SendError::account_invalid(format!("Twilio's account is {}", own.status)).into());
    }
    if let Some(url) = context.webhook_url.as_deref().filter(|_| account.set_webhook) {
        set_webhook(account, url, transport).await?;
    }
    let sender = account.from_number.as_ref().or(account.whatsapp_sender.as_ref());
    let username = sender.or(account.messaging_service_sid.as_ref()).cloned();
    Ok(Connected { title: own.friendly_name, username, ..Connected::default() })
}

/// A service answers for its numbers; short codes, names and WhatsApp senders are set up in the console.
async fn set_webhook(account: &Account, url: &str, transport: &dyn Transport) -> Result<(), SetupError> {
    if let Some(service) = &account.messaging_service_sid {
        let fields = [("InboundRequestUrl", url), ("InboundMethod", "POST"), ("StatusCallback", url)];
        let call = ProviderCall::post(api::service_url(account, service), "service").form(form(&fields));
        let _set: IgnoredAny =
            api::result(api::with_token(account, call), transport).await.map_err(|error| {
                unknown(error, "settings.messaging_service_sid", "Twilio has no such service")
            })?;
        return Ok(());
    }
    let Some(number) = account.from_number.as_deref().filter(|from| address::is_number(from)) else {
        return Ok(());
    };
    let mut list = api::account_url(account, &["IncomingPhoneNumbers.json"]);
    list.query_pairs_mut().append_pair("PhoneNumber", number);
    let call = api::with_token(account, ProviderCall::get(list, "numbers"));
    let numbers: Numbers = api::result(call, transport).await.map_err(SetupError::Provider)?;
    let Some(found) = numbers.incoming_phone_numbers.first() else {
        return Err(field("settings.from_number", "the account has no such number"));
    };
    let file = format!("{}.json", found.sid);
    let place = api::account_url(account, &["IncomingPhoneNumbers", &file]);
    let call = ProviderCall::post(place, "numbers").form(form(&[("SmsUrl", url), ("SmsMethod", "POST")]));
    let _set: IgnoredAny =
        api::result(api::with_token(account, call), transport).await.map_err(SetupError::Provider)?;
    Ok(())
}

fn form(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn field(name: &str, why: &str) -> SetupError {
    SetupError::Settings { field: name.to_owned(), why: why.to_owned() }
}

fn named(error: SendError, name: &str) -> SetupError {
    match error {
        SendError::AccountInvalid { why } => field(name, &why),
        error => unknown(error, "settings.account_sid", "Twilio has no such account"),
    }
}

fn unknown(error: SendError, name: &str, why: &str) -> SetupError {
    match error {
        SendError::Rejected { code, .. } if matches!(code.as_str(), "20404" | "404") => field(name, why),
        error => SetupError::Provider(error),
    }
}
