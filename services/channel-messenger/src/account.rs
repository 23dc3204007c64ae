use std::borrow::Cow;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;
use weft_channel::AccountSettings;
use weft_domain::Error;
use weft_meta_graph::{
    Access,
    fields::{api_base, api_version, is_base, is_id, is_version, is_word},
    messaging::Desk,
};

use crate::errors;

/// One Facebook page.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Account {
    /// The page's id: on the page under About → Page transparency; digits.
    pub page_id: String,
    /// The page's token, with the permissions `pages_messaging` and `pages_manage_metadata`.
    #[schemars(with = "String")]
    pub page_access_token: SecretString,
    /// The “App secret” under App settings → Basic. Meta signs its calls with it.
    #[schemars(with = "String")]
    pub app_secret: SecretString,
    /// A word of your own, which Meta shows when it greets the webhook; the same as in the app's webhook settings.
    #[schemars(with = "String")]
    pub verify_token: SecretString,
    /// The “App ID”, digits. With it the app's webhook is set when this is saved; without it you set it in Meta's console.
    pub app_id: Option<String>,
    /// What lets a message go later than 24 hours after the contact's last: `HUMAN_AGENT`, for a week and for people only,
    /// once Meta has granted it to the app. Empty: nothing.
    pub late_tag: Option<String>,
    /// Whether contacts see their messages as read as soon as they are here.
    #[serde(default)]
    pub mark_as_read: bool,
    /// Whether the app demands a proof with each call: App settings → Advanced → “Require app secret”.
    #[serde(default)]
    pub prove_token: bool,
    /// The version of the Graph API, like `v25.0`.
    #[serde(default = "api_version")]
    #[schemars(default = "api_version")]
    pub api_version: String,
    /// Where the Graph API is.
    #[serde(default = "api_base")]
    #[schemars(default = "api_base")]
    pub api_base: Url,
}

impl AccountSettings for Account {
    const SECRETS: &'static [&'static str] = &["page_access_token", "app_secret", "verify_token"];

    fn provider_ids(&self) -> Vec<String> {
        vec![self.page_id.clone()]
    }

    fn validate(&self) -> Result<(), Error> {
        let word = "it must be of letters, digits and signs";
        let demands = [
            (is_id(&self.page_id), "settings.page_id", "it must be of digits only"),
            (is_word(&self.page_access_token), "secrets.page_access_token", word),
            (is_word(&self.app_secret), "secrets.app_secret", word),
            (is_word(&self.verify_token), "secrets.verify_token", word),
            (
                self.app_id.as_deref().is_none_or(|id| id.is_empty() || is_id(id)),
                "settings.app_id",
                "it must be of digits only",
            ),
            (
                self.late_tag.as_deref().is_none_or(is_tag),
                "settings.late_tag",
                "it must be of capital letters and `_`, like `HUMAN_AGENT`",
            ),
            (is_version(&self.api_version), "settings.api_version", "it must look like `v25.0`"),
            (
                is_base(&self.api_base),
                "settings.api_base",
                "it must be an address like `https://graph.facebook.com`",
            ),
        ];
        match demands.iter().find(|(holds, ..)| !holds) {
            Some((_, field, expected)) => Err(Error::invalid_field(field, *expected)),
            None => Ok(()),
        }
    }
}

impl Account {
    /// Where this page writes from.
    pub(crate) fn desk(&self) -> Desk<'_> {
        let proof = self.prove_token.then_some(&self.app_secret);
        Desk {
            access: Access {
                base: Cow::Borrowed(&self.api_base),
                version: &self.api_version,
                token: &self.page_access_token,
                proof,
            },
            node: &self.page_id,
            says_type: true,
            late_tag: self.late_tag.as_deref().filter(|tag| !tag.is_empty()),
            meaning: errors::meaning,
        }
    }

    /// The app, if it is known.
    pub(crate) fn app_id(&self) -> Option<&str> {
        self.app_id.as_deref().filter(|id| !id.is_empty())
    }
}

fn is_tag(tag: &str) -> bool {
    tag.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use weft_channel::read_account;

    use super::*;

    fn read(field: &str, value: Value) -> Result<Account, Error> {
        let mut settings = json!({"page_id": "300000000000001"});
        let mut secrets =
            json!({"page_access_token": "EAAExample", "app_secret": "0123abcd", "verify_token": "hello"});
        match field.split_once('.') {
            Some(("settings", name)) => settings[name] = value,
            Some((_, name)) => secrets[name] = value,
            None => {}
        }
        read_account(settings.as_object().unwrap(), secrets.as_object().unwrap())
    }

    #[test]
    fn each_field_is_checked_and_named() {
        let table = [
            ("settings.page_id", "@acme"),
            ("settings.app_id", "my app"),
            ("settings.late_tag", "human agent"),
            ("settings.api_version", "25"),
            ("settings.api_base", "https://x/?a"),
            ("secrets.page_access_token", "two words"),
            ("secrets.app_secret", ""),
            ("secrets.verify_token", "ü"),
        ];
        for (field, value) in table {
            assert_eq!(read(field, json!(value)).unwrap_err().field(), Some(field));
        }
    }

    #[test]
    fn what_is_left_empty_in_the_form_is_as_if_it_were_not_there() {
        assert_eq!(read("settings.late_tag", json!("")).unwrap().desk().late_tag, None);
        assert_eq!(read("settings.app_id", json!("")).unwrap().app_id(), None);
    }
}
