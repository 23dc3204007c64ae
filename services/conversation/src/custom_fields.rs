//! Values of custom fields, as their fields want them.

use chrono::NaiveDate;
use prost_types::Struct;
use serde_json::{Map, Value};
use strum::{Display, EnumString, VariantNames};
use url::Url;
use weft_domain::{Error, ErrorCode, Result};
use weft_proto::struct_json;
use weft_store::Tx;

use crate::store::{
    custom_fields::{self, Values},
    entity::custom_field,
};

const LONGEST_TEXT: usize = 1_000;
/// All values of one conversation or contact together.
const MOST_BYTES: usize = 16 * 1024;

/// What has custom fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Of {
    /// Conversations.
    Conversation,
    /// Contacts.
    Contact,
}

/// What values of a field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Kind {
    /// Words.
    Text,
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// One of some words.
    Choice,
    /// An address of the web.
    Url,
}

/// Puts what was given among the values; null removes one.
pub(crate) async fn put(tx: &Tx, of: Of, values: &mut Values, given: Option<&Struct>) -> Result<()> {
    let given = given.map(struct_json::to_json).unwrap_or_default();
    if given.is_empty() {
        return Ok(());
    }
    let known = custom_fields::all(tx, Some(&of.to_string())).await?;
    put_known(&known, of, values, given)
}

/// The same with the fields at hand.
pub(crate) fn put_known(
    known: &[custom_field::Model],
    of: Of,
    values: &mut Values,
    given: Map<String, Value>,
) -> Result<()> {
    for (key, value) in given {
        if value.is_null() {
            values.0.remove(&key);
            continue;
        }
        let at = format!("fields.{key}");
        let field = known.iter().find(|field| field.key == key);
        let field = field.ok_or_else(|| {
            let words = format!("there is no custom field `{key}` of a {of}; see GET /v1/custom-fields");
            Error::invalid("unknown_field", words).with_field(&at)
        })?;
        let value = checked(field, value, &at)?;
        values.0.insert(key, value);
    }
    limited(&values.0)
}

/// Refuses keys that no field of conversations has.
pub(crate) async fn known(tx: &Tx, keys: &[&str]) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    let known = custom_fields::all(tx, Some(&Of::Conversation.to_string())).await?;
    match keys.iter().find(|key| !known.iter().any(|field| field.key == **key)) {
        Some(key) => {
            let words =
                format!("there is no custom field `{key}` of a conversation; see GET /v1/custom-fields");
            Err(Error::invalid("unknown_field", words).with_field("filter"))
        }
        None => Ok(()),
    }
}

fn checked(field: &custom_field::Model, value: Value, at: &str) -> Result<Value> {
    let wrong = |words: &str| Err(Error::invalid_field(at, format!("`{at}` must be {words}")));
    let kind: Kind = crate::show::stored(&field.kind)?;
    let text = value.as_str().unwrap_or_default();
    match kind {
        Kind::Number if value.is_number() => Ok(value),
        Kind::Number => wrong("a number"),
        Kind::Boolean if value.is_boolean() => Ok(value),
        Kind::Boolean => wrong("true or false"),
        Kind::Text if !text.is_empty() && text.chars().count() <= LONGEST_TEXT => Ok(value),
        Kind::Text => wrong(&format!("text of 1 to {LONGEST_TEXT} characters, or null")),
        // as it is written everywhere, so that days can be compared as text
        Kind::Date => match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            Ok(day) => Ok(day.format("%Y-%m-%d").to_string().into()),
            Err(_) => wrong("a day like `2026-11-22`, or null"),
        },
        Kind::Choice if field.choices.0.iter().any(|choice| choice == text) => Ok(value),
        Kind::Choice => wrong(&format!("one of {}, or null", field.choices.0.join(", "))),
        Kind::Url if is_address(text) => Ok(value),
        Kind::Url => wrong("an address that begins with `https://` or `http://`, or null"),
    }
}

fn is_address(text: &str) -> bool {
    text.len() <= LONGEST_TEXT
        && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn limited(values: &Map<String, Value>) -> Result<()> {
    let bytes = serde_json::to_vec(values).map_err(Error::internal)?.len();
    if bytes <= MOST_BYTES {
        return Ok(());
    }
    let words = format!("all custom fields together may have {MOST_BYTES} bytes; this is {bytes}");
    Err(Error::new(ErrorCode::TooLarge, "fields_too_large", words).with_field("fields"))
}
