use serde::{Deserialize, de::IgnoredAny};
use weft_channel::{ProviderCall, SendError, SetupError, Transport};

use crate::{Access, result};

/// The account.
#[derive(Deserialize)]
struct AccountResource {
    #[serde(default)]
    friendly_name: String,
    #[serde(default)]
    status: String,
}

/// The account's numbers.
#[derive(Deserialize)]
struct Numbers {
    incoming_phone_numbers: Vec<Resource>,
}

/// Anything of which only the name matters.
#[derive(Deserialize)]
struct Resource {
    sid: String,
}

/// Checks the credentials and gives the account's name. With the token and not a key: its signatures have to be checked.
pub async fn check_account(access: &Access<'_>, transport: &dyn Transport) -> Result<String, SetupError> {
    let call = access.with_token(ProviderCall::get(access.own_url(), "account"));
    let own: AccountResource = result(call, transport).await.map_err(|error| match error {
        SendError::AccountInvalid { why } => field("secrets.auth_token", &why),
        SendError::Rejected { code, .. } if matches!(code.as_str(), "20404" | "404") => {
            field("settings.account_sid", "Twilio has no such account")
        }
        error => SetupError::Provider(error),
    })?;
    if !matches!(own.status.as_str(), "" | "active") {
        return Err(SendError::account_invalid(format!("Twilio's account is {}", own.status)).into());
    }
    Ok(own.friendly_name)
}

/// Tells Twilio where the webhooks of a number go: `fields` name them.
pub async fn set_number(
    access: &Access<'_>,
    number: &str,
    fields: &[(&str, &str)],
    transport: &dyn Transport,
) -> Result<(), SetupError> {
    let mut list = access.url(&["IncomingPhoneNumbers.json"]);
    list.query_pairs_mut().append_pair("PhoneNumber", number);
    let call = access.with_token(ProviderCall::get(list, "numbers"));
    let numbers: Numbers = result(call, transport).await.map_err(SetupError::Provider)?;
    let Some(found) = numbers.incoming_phone_numbers.first() else {
        return Err(field("settings.from_number", "the account has no such number"));
    };
    let file = format!("{}.json", found.sid);
    let form = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let call = ProviderCall::post(access.url(&["IncomingPhoneNumbers", &file]), "numbers").form(form);
    let _set: IgnoredAny = result(access.with_token(call), transport).await.map_err(SetupError::Provider)?;
    Ok(())
}

fn field(name: &str, why: &str) -> SetupError {
    SetupError::Settings { field: name.to_owned(), why: why.to_owned() }
}
