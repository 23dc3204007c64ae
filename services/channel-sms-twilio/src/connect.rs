use serde::de::IgnoredAny;
use weft_channel::{ConnectContext, Connected, ProviderCall, SendError, SetupError, Transport};

use crate::{Account, api};

/// Checks the credentials and tells Twilio where to call us.
pub(crate) async fn connect(
    account: &Account,
    context: &ConnectContext,
    transport: &dyn Transport,
) -> Result<Connected, SetupError> {
    let title = weft_twilio::check_account(&account.access(), transport).await?;
    if let Some(url) = context.webhook_url.as_deref().filter(|_| account.set_webhook) {
        set_webhook(account, url, transport).await?;
    }
    let sender = account.from_number.as_ref().or(account.whatsapp_sender.as_ref());
    let username = sender.or(account.messaging_service_sid.as_ref()).cloned();
    Ok(Connected { title, username, ..Connected::default() })
}

/// A service answers for its numbers; short codes, names and WhatsApp senders are set up in the console.
async fn set_webhook(account: &Account, url: &str, transport: &dyn Transport) -> Result<(), SetupError> {
    if let Some(service) = &account.messaging_service_sid {
        let fields = [("InboundRequestUrl", url), ("InboundMethod", "POST"), ("StatusCallback", url)];
        let call = ProviderCall::post(api::service_url(account, service), "service").form(form(&fields));
        let _set: IgnoredAny =
            weft_twilio::result(account.access().with_token(call), transport).await.map_err(|error| {
                unknown(error, "settings.messaging_service_sid", "Twilio has no such service")
            })?;
        return Ok(());
    }
    let Some(number) = account.from_number.as_deref().filter(|from| weft_twilio::is_number(from)) else {
        return Ok(());
    };
    let fields = [("SmsUrl", url), ("SmsMethod", "POST")];
    weft_twilio::set_number(&account.access(), number, &fields, transport).await
}

fn form(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn field(name: &str, why: &str) -> SetupError {
    SetupError::Settings { field: name.to_owned(), why: why.to_owned() }
}

fn unknown(error: SendError, name: &str, why: &str) -> SetupError {
    match error {
        SendError::Rejected { code, .. } if matches!(code.as_str(), "20404" | "404") => field(name, why),
        error => SetupError::Provider(error),
    }
}
