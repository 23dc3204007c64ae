use std::fmt::Debug;

use prost_types::{Struct, Value as Field, value::Kind};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use url::Url;
use weft_auth::PublishedKeys;
use weft_domain::{Error, TenantId, id::ChannelId};

/// Settings and secrets of one connected account, as one flat struct; secrets are `SecretString`.
///
/// Its JSON Schema is the console's form, so every field has a doc comment that a person understands.
/// Every adapter has an `api_base` with a default, so that tests and simulators can stand in for the provider.
pub trait AccountSettings: DeserializeOwned + JsonSchema + Clone + Debug + Send + Sync + 'static {
    /// The names of the fields that are secrets.
    const SECRETS: &'static [&'static str];

    /// Those of the secrets that the provider proves itself with, and that we make: 43 letters, digits, `-` and `_`. The host
    /// takes calls with the present and the previous one, so they can be rotated; `connect` tells the provider the present one.
    const MADE_SECRETS: &'static [&'static str] = &[];

    /// Checks what the types cannot say; the error names the field, like `settings.api_base`.
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }

    /// What the provider calls this account in calls that are for several; see [`crate::Adapter::addressees`].
    fn provider_ids(&self) -> Vec<String> {
        Vec::new()
    }

    /// Where the provider says which keys it signs its calls with: an OpenID configuration. The host fetches them and keeps
    /// them fresh; `verify` is asked once they are there, and again when it says [`crate::VerifyError::UnknownKey`] and
    /// there are others.
    fn keys_published_at(&self) -> Option<Url> {
        None
    }

    /// Takes the keys that are published there.
    fn keys_are(&mut self, keys: PublishedKeys) {
        drop(keys);
    }

    /// Takes note of which channel this account is: for adapters that keep something of their own about it.
    fn belongs_to(&mut self, tenant: TenantId, channel: ChannelId) {
        let _not_needed = (tenant, channel);
    }

    /// Takes note of where the provider reaches this account's webhook, when anything outside can reach us: for
    /// providers that sign that address, or want it with each call.
    fn reached_at(&mut self, webhook_url: &str) {
        let _not_needed = webhook_url;
    }
}

/// Words of fields that people write in capitals.
const ABBREVIATIONS: [&str; 10] = ["api", "cc", "id", "imap", "oauth", "sid", "smtp", "tls", "url", "waba"];

/// The forms of an account, each a JSON Schema of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Schemas {
    /// What may be shown.
    pub settings: Value,
    /// What is never shown.
    pub secrets: Value,
}

/// Builds an account from what the directory keeps. The error names the field at fault and never its value.
pub fn read_account<A: AccountSettings>(
    settings: &Map<String, Value>,
    secrets: &Map<String, Value>,
) -> Result<A, Error> {
    let schemas = schemas::<A>();
    refuse_unknown("settings", settings, &schemas.settings)?;
    refuse_unknown("secrets", secrets, &schemas.secrets)?;
    let merged: Map<String, Value> = settings
        .iter()
        .chain(secrets)
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let account: A =
        serde_path_to_error::deserialize(Value::Object(merged)).map_err(|error| explain::<A>(&error))?;
    account.validate()?;
    Ok(account)
}

/// The forms of this kind of account.
pub fn schemas<A: AccountSettings>() -> Schemas {
    let whole = schemars::schema_for!(A).to_value();
    let part = |secret: bool| {
        let wanted = |name: &str| A::SECRETS.contains(&name) == secret;
        let properties: Map<String, Value> = whole
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter(|(name, _)| wanted(name))
            .map(|(name, schema)| {
                (name.clone(), titled(name, if secret { hidden(schema) } else { schema.clone() }))
            })
            .collect();
        let required: Vec<&Value> = whole
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(|name| name.as_str().is_some_and(wanted))
            .collect();
        let mut schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        });
        if let (Some(definitions), Some(object)) = (whole.get("$defs"), schema.as_object_mut()) {
            object.insert("$defs".to_owned(), definitions.clone());
        }
        schema
    };
    Schemas { settings: part(false), secrets: part(true) }
}

/// The fields of a proto struct as JSON; whole numbers become integers, which a struct does not know.
pub fn fields_of(fields: &Struct) -> Map<String, Value> {
    fields.fields.iter().map(|(name, value)| (name.clone(), value_of(value))).collect()
}

fn value_of(field: &Field) -> Value {
    match &field.kind {
        None | Some(Kind::NullValue(_)) => Value::Null,
        Some(Kind::BoolValue(value)) => Value::Bool(*value),
        Some(Kind::StringValue(value)) => Value::String(value.clone()),
        Some(Kind::NumberValue(value)) => number(*value),
        Some(Kind::ListValue(list)) => list.values.iter().map(value_of).collect(),
        Some(Kind::StructValue(fields)) => Value::Object(fields_of(fields)),
    }
}

fn number(value: f64) -> Value {
    let text = format!("{value:.0}");
    match text.parse::<i64>() {
        Ok(whole) if value.fract() == 0.0 => whole.into(),
        _ => value.into(),
    }
}

/// The field with a title, which a form shows above it, unless it has one.
fn titled(name: &str, mut schema: Value) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.entry("title").or_insert_with(|| title(name).into());
    }
    schema
}

/// `app_id` is “App ID”.
fn title(name: &str) -> String {
    let word = |(index, word): (usize, &str)| {
        let mut letters = word.chars();
        match (ABBREVIATIONS.contains(&word), index, letters.next()) {
            (true, ..) => word.to_uppercase(),
            (false, 0, Some(first)) => first.to_uppercase().chain(letters).collect(),
            _ => word.to_owned(),
        }
    };
    name.split('_').enumerate().map(word).collect::<Vec<_>>().join(" ")
}

fn hidden(schema: &Value) -> Value {
    let mut hidden = schema.clone();
    if let Some(object) = hidden.as_object_mut() {
        object.insert("writeOnly".to_owned(), true.into());
        object.insert("format".to_owned(), "password".into());
    }
    hidden
}

fn refuse_unknown(part: &str, given: &Map<String, Value>, schema: &Value) -> Result<(), Error> {
    let known = schema.get("properties").and_then(Value::as_object);
    match given.keys().find(|name| !known.is_some_and(|known| known.contains_key(*name))) {
        None => Ok(()),
        Some(name) => {
            Err(Error::invalid_field(&format!("{part}.{name}"), "this kind of channel has no such field"))
        }
    }
}

fn explain<A: AccountSettings>(error: &serde_path_to_error::Error<serde_json::Error>) -> Error {
    let path = error.path().to_string();
    let text = error.inner().to_string();
    // serde names a missing field only in its words
    let missing = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    let name = missing.unwrap_or(&path);
    let secret = A::SECRETS.iter().any(|secret| name == *secret || path == *secret);
    let part = if secret { "secrets" } else { "settings" };
    let message = match (missing, secret) {
        (Some(_), _) => "this field is needed".to_owned(),
        // serde's words may quote the value
        (None, true) => "this secret is not of the expected form".to_owned(),
        (None, false) => text.clone(),
    };
    Error::invalid_field(&format!("{part}.{name}"), message)
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use serde::Deserialize;

    use super::*;

    #[derive(Clone, Debug, Deserialize, JsonSchema)]
    struct Account {
        /// Where it is.
        #[serde(default)]
        api_base: String,
        #[serde(default)]
        #[expect(dead_code, reason = "only its type matters here")]
        retries: u32,
        #[schemars(with = "String")]
        #[expect(dead_code, reason = "only its type matters here")]
        token: SecretString,
    }

    impl AccountSettings for Account {
        const SECRETS: &'static [&'static str] = &["token"];

        fn validate(&self) -> Result<(), Error> {
            if self.api_base.contains(' ') {
                return Err(Error::invalid_field("settings.api_base", "no spaces"));
            }
            Ok(())
        }
    }

    fn read(settings: Value, secrets: Value) -> Result<Account, Error> {
        let object = |value: Value| value.as_object().cloned().unwrap();
        read_account(&object(settings), &object(secrets))
    }

    #[test]
    fn a_fault_names_its_field_and_never_the_secret() {
        let field = |settings, secrets| read(settings, secrets).unwrap_err().field().unwrap().to_owned();
        assert_eq!(field(json!({}), json!({})), "secrets.token");
        assert_eq!(field(json!({"api_base": 5}), json!({"token": "t"})), "settings.api_base");
        assert_eq!(field(json!({"api_base": "a b"}), json!({"token": "t"})), "settings.api_base");
        assert_eq!(field(json!({"apibase": ""}), json!({"token": "t"})), "settings.apibase");
        assert_eq!(field(json!({"token": "t"}), json!({})), "settings.token");
        let error = read(json!({}), json!({"token": 271_828})).unwrap_err();
        assert_eq!(error.field(), Some("secrets.token"));
        assert!(!format!("{error:?}").contains("271828"));
        assert!(!format!("{:?}", read(json!({}), json!({"token": "hush"})).unwrap()).contains("hush"));
    }

    #[test]
    fn settings_and_secrets_have_their_own_forms() {
        let Schemas { settings, secrets } = schemas::<Account>();
        assert_eq!(settings["properties"]["api_base"]["description"], "Where it is.");
        assert_eq!(settings["properties"]["api_base"]["title"], "API base");
        assert!(settings["properties"].get("token").is_none());
        assert_eq!(secrets["properties"]["token"]["writeOnly"], true);
        assert_eq!(secrets["required"], json!(["token"]));
    }

    #[test]
    fn whole_numbers_of_a_proto_struct_are_integers() {
        let field = |value: f64| Field { kind: Some(Kind::NumberValue(value)) };
        assert_eq!(value_of(&field(40.0)), json!(40));
        assert_eq!(value_of(&field(0.5)), json!(0.5));
    }
}
