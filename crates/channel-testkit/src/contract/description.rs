use serde_json::{Map, Value};
use weft_channel::{AccountSettings, Adapter, ContentKind, read_account, schemas};

use super::Subject;
use crate::account::Given;

/// The descriptor and the forms make sense.
pub(super) fn check<A: Adapter>(subject: &Subject<'_, A>, given: &Given) -> Vec<String> {
    let mut whys = Vec::new();
    let mut demand = |holds: bool, why: &str| {
        if !holds {
            whys.push(format!("descriptor: {why}"));
        }
    };
    let descriptor = subject.adapter.descriptor();
    let is_word = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let can = &descriptor.capabilities;
    demand(is_word(descriptor.kind), "the kind is of lower case letters, digits and `-`");
    demand(!descriptor.title.is_empty(), "the title is given");
    demand(can.takes(ContentKind::Text) && can.max_text_chars > 0, "it takes text");
    demand(!can.intake.is_empty(), "something can come in");
    demand(descriptor.max_webhook_bytes > 0, "webhooks have a limit");
    let rate = descriptor.rate;
    let is_rate = |per_second: f64, burst: u32| per_second > 0.0 && burst > 0;
    demand(is_rate(rate.account_per_second, rate.account_burst), "the account has a rate");
    demand(is_rate(rate.thread_per_second, rate.thread_burst), "a thread has a rate");

    let forms = schemas::<A::Account>();
    let properties =
        |schema: &Value| schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let (settings, secrets) = (properties(&forms.settings), properties(&forms.secrets));
    demand(settings.contains_key("api_base"), "`api_base` is a setting");
    demand(
        secrets.keys().all(|name| A::Account::SECRETS.contains(&name.as_str()))
            && A::Account::SECRETS.iter().all(|name| secrets.contains_key(*name)),
        "every name in SECRETS is a field",
    );
    let is_told = |fields: &Map<String, Value>| {
        fields.values().all(|field| {
            field.get("description").and_then(Value::as_str).is_some_and(|text| !text.is_empty())
        })
    };
    demand(is_told(&settings) && is_told(&secrets), "every field has a description for the form");
    demand(fits(&forms.settings, &given.settings), "the example's settings fit their schema");
    demand(fits(&forms.secrets, &given.secrets), "the example's secrets fit their schema");

    let mut unknown = given.settings.clone();
    unknown.insert("no_such_setting".to_owned(), true.into());
    let error = read_account::<A::Account>(&unknown, &given.secrets).err();
    let field = error.as_ref().and_then(|error| error.field());
    demand(field == Some("settings.no_such_setting"), "an unknown setting is refused by name");
    let debug = format!("{:?}", read_account::<A::Account>(&given.settings, &Map::new()).err());
    demand(subject.secrets.shown_in(&debug).is_none(), "no secret shows in an account's errors");
    whys
}

fn fits(schema: &Value, instance: &Map<String, Value>) -> bool {
    jsonschema::validator_for(schema).is_ok_and(|form| form.is_valid(&Value::Object(instance.clone())))
}
