use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use weft_channel::{Adapter, Inbound, Received, WebhookCall, WebhookReply};

use super::{
    case::Webhook,
    folder::{CaseFile, Folder},
};
use crate::{
    account::Given,
    difference::difference,
    mutate::{each_scrambled, misshapen, truncated, with_extra_fields},
    player::{call_to_value, headers_to_value},
    secrets::Secrets,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the expected part is read as JSON; here only its names are checked")]
struct Case {
    #[serde(rename = "about")]
    about: Option<String>,
    account: Option<Given>,
    webhook: Webhook,
    events: Option<Value>,
    ignored: Option<Value>,
    unreadable: Option<Value>,
    reply: Option<Value>,
    calls: Option<Value>,
    routes: Option<Value>,
    account_fault: Option<Value>,
    templates_changed: Option<Value>,
    error: Option<Value>,
}

/// What a case may expect.
pub(super) const EXPECTED: [&str; 9] = [
    "events",
    "ignored",
    "unreadable",
    "reply",
    "calls",
    "routes",
    "account_fault",
    "templates_changed",
    "error",
];

/// At most this many places to cut a body at.
const CUTS: usize = 200;

/// Runs one case, and what no author remembers.
pub(super) fn run<A: Adapter>(adapter: &A, folder: &Folder, file: &CaseFile) -> Vec<String> {
    match try_run(adapter, folder, file) {
        Ok(whys) => whys,
        Err(why) => vec![why],
    }
}

fn try_run<A: Adapter>(adapter: &A, folder: &Folder, file: &CaseFile) -> Result<Vec<String>, String> {
    let case: Case = file.case()?;
    let given = case.account.as_ref().unwrap_or(&folder.defaults.account);
    let account: A::Account = given.account()?;
    let call = case.webhook.call(folder)?;
    let secrets = Secrets::of(&given.secrets);

    let outcome = outcome(adapter, &account, &call, &secrets);
    if !file.expects(&EXPECTED) {
        folder.complete(file, outcome)?;
        return Ok(Vec::new());
    }
    let mut whys = Vec::new();
    let expected: Map<String, Value> = EXPECTED
        .iter()
        .filter_map(|part| Some(((*part).to_owned(), file.content.get(*part)?.clone())))
        .collect();
    whys.extend(difference(&Value::Object(expected), &Value::Object(outcome)));
    let check = Check { adapter, account: &account, secrets: &secrets, webhook: &case.webhook, folder };
    whys.extend(check.keys(&call));
    whys.extend(check.extra_fields(&call, case.webhook.body.as_ref()));
    whys.extend(check.hostile(&call, case.webhook.body.as_ref()));
    whys.extend(check.no_secret_shows(&call));
    Ok(whys)
}

/// A case's name and call.
pub(super) fn sample(file: &CaseFile, folder: &Folder) -> (String, WebhookCall) {
    let case: Case = file.case().unwrap_or_else(|why| panic!("{}: {why}", file.name));
    let call = case.webhook.call(folder).unwrap_or_else(|why| panic!("{}: {why}", file.name));
    (file.name.replace('/', "-"), call)
}

/// What came of a call, as a case writes it.
fn outcome<A: Adapter>(
    adapter: &A,
    account: &A::Account,
    call: &WebhookCall,
    secrets: &Secrets,
) -> Map<String, Value> {
    let mut fields = Map::new();
    if let Err(error) = adapter.verify(account, call) {
        fields.insert("error".to_owned(), format!("verify: {error}").into());
        return fields;
    }
    let received = match adapter.receive(account, call) {
        Ok(received) => received,
        Err(error) => {
            fields.insert("error".to_owned(), format!("receive: {error}").into());
            return fields;
        }
    };
    fields.extend(received_to_fields(&received, secrets));
    fields
}

/// What an adapter understood, as a case writes it.
pub(super) fn received_to_fields(received: &Received, secrets: &Secrets) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("events".to_owned(), received.events.iter().map(event_to_value).collect());
    let mut put = |name: &str, items: Vec<Value>| {
        if !items.is_empty() {
            fields.insert(name.to_owned(), items.into());
        }
    };
    put("ignored", received.ignored.iter().map(|ignored| ignored.kind.clone().into()).collect());
    put("unreadable", received.unreadable.iter().map(|entry| entry.why.clone().into()).collect());
    put("calls", received.calls.iter().map(|call| secrets.mask_value(call_to_value(call))).collect());
    if !received.routes.is_empty() {
        let routes = received.routes.iter().map(|(thread, route)| (thread.clone(), route.as_str().into()));
        fields.insert("routes".to_owned(), Value::Object(routes.collect()));
    }
    if let Some(why) = &received.account_fault {
        fields.insert("account_fault".to_owned(), why.as_str().into());
    }
    if received.templates_changed {
        fields.insert("templates_changed".to_owned(), true.into());
    }
    if received.reply != WebhookReply::default() {
        let WebhookReply { status, content_type, body, headers } = &received.reply;
        let text = String::from_utf8_lossy(body);
        let mut reply = json!({"status": status.as_u16(), "content_type": content_type, "text": text});
        if let Some(reply) = reply.as_object_mut().filter(|_| !headers.is_empty()) {
            reply.insert("headers".to_owned(), headers_to_value(headers));
        }
        fields.insert("reply".to_owned(), reply);
    }
    fields
}

pub(super) fn event_to_value(event: &Inbound) -> Value {
    let body =
        weft_proto::json::encode(event).unwrap_or_else(|error| panic!("an event that is not JSON: {error}"));
    serde_json::from_slice(&body).unwrap_or_default()
}

struct Check<'a, A: Adapter> {
    adapter: &'a A,
    account: &'a A::Account,
    secrets: &'a Secrets,
    webhook: &'a Webhook,
    folder: &'a Folder,
}

impl<A: Adapter> Check<'_, A> {
    fn keys(&self, call: &WebhookCall) -> Option<String> {
        let keys = || -> Vec<String> {
            let received = self.adapter.receive(self.account, call).unwrap_or_default();
            received.events.into_iter().map(|event| event.key).collect()
        };
        let (first, second) = (keys(), keys());
        if first != second {
            return Some(format!("the same webhook has other keys the second time: {first:?}, {second:?}"));
        }
        are_fine(&first)
    }

    fn extra_fields(&self, call: &WebhookCall, body: Option<&Value>) -> Option<String> {
        let more = self.with_body(with_extra_fields(body?).to_string().into_bytes());
        let events = |call: &WebhookCall| -> Value {
            let received = self.adapter.receive(self.account, call).unwrap_or_default();
            received.events.iter().map(|event| without_raw(event_to_value(event))).collect()
        };
        difference(&events(call), &events(&more)).map(|why| format!("unknown extra fields changed {why}"))
    }

    fn hostile(&self, call: &WebhookCall, body: Option<&Value>) -> Option<String> {
        let survives = |body: Vec<u8>| {
            let hostile = self.with_body(body);
            catch_unwind(AssertUnwindSafe(|| self.try_all(&hostile)))
                .map_err(|_| format!("panicked over {}", String::from_utf8_lossy(&hostile.body)))
        };
        let cut = truncated(&call.body, CUTS).map(&survives).find_map(Result::err);
        let bent = || {
            let all = body.map(misshapen).unwrap_or_default();
            all.into_iter().map(|value| survives(value.to_string().into_bytes())).find_map(Result::err)
        };
        let scrambled = || {
            let check = |body: &[u8]| drop(self.try_all(&self.with_body(body.to_vec())));
            each_scrambled(&call.body, check).err()
        };
        cut.or_else(bent).or_else(scrambled)
    }

    fn try_all(&self, call: &WebhookCall) -> Result<Received, String> {
        self.adapter.verify(self.account, call).map_err(|error| error.to_string())?;
        self.adapter.receive(self.account, call).map_err(|error| {
            let words = format!("{error} {error:?}");
            assert!(self.secrets.shown_in(&words).is_none(), "an error shows a secret");
            words
        })
    }

    fn with_body(&self, body: Vec<u8>) -> WebhookCall {
        let call = self.webhook.call_with(body.into(), self.folder);
        call.unwrap_or_else(|why| panic!("a case that could be called cannot be called again: {why}"))
    }

    fn no_secret_shows(&self, call: &WebhookCall) -> Option<String> {
        let shown = match self.try_all(call) {
            Ok(received) => {
                let events: Vec<Value> = received.events.iter().map(event_to_value).collect();
                format!("{call:?} {received:?} {}", Value::Array(events))
            }
            Err(words) => words,
        };
        self.secrets
            .shown_in(&shown)
            .map(|name| format!("the secret `{name}` shows in events or debug output"))
    }
}

/// Keys tell events apart.
pub(super) fn are_fine(keys: &[String]) -> Option<String> {
    let mut unique = keys.to_vec();
    unique.sort();
    unique.dedup();
    let fine = unique.len() == keys.len() && !keys.iter().any(String::is_empty);
    (!fine).then(|| format!("keys must be given and differ: {keys:?}"))
}

/// What is kept as it came holds the extra fields, too.
fn without_raw(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without_raw).collect(),
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(name, _)| name != "raw");
            Value::Object(kept.map(|(name, field)| (name, without_raw(field))).collect())
        }
        other => other,
    }
}
