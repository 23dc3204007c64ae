use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use url::Url;
use weft_channel::{
    Adapter, Change, File, Files, Outbound, Receipt, SendError, change::Change as What, plan::plan,
};

use super::folder::{CaseFile, Folder};
use crate::{
    account::Given,
    difference::difference,
    mutate::misshapen,
    player::{Played, Player, call_to_value},
    secrets::Secrets,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the expected part is read as JSON; here only its names are checked")]
struct Case {
    about: Option<String>,
    account: Option<Given>,
    /// A message to send, or in its place a change of one that was sent.
    message: Option<Value>,
    change: Option<Value>,
    /// Where the provider last said that the thread is answered.
    route: Option<String>,
    #[serde(default)]
    files: BTreeMap<String, GivenFile>,
    #[serde(default)]
    replies: Vec<Played>,
    calls: Option<Value>,
    receipt: Option<Value>,
    error: Option<Value>,
}

/// A file: its content as text, as base64, or as so many zeroes; and where it can be fetched.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenFile {
    name: String,
    mime: String,
    text: Option<String>,
    base64: Option<String>,
    zeroes: Option<usize>,
    link: Option<Url>,
}

const EXPECTED: [&str; 3] = ["calls", "receipt", "error"];

/// Runs one case, and what no author remembers.
pub(super) async fn run<A: Adapter>(adapter: &A, folder: &Folder, file: &CaseFile) -> Vec<String> {
    match try_run(adapter, folder, file).await {
        Ok(whys) => whys,
        Err(why) => vec![why],
    }
}

async fn try_run<A: Adapter>(adapter: &A, folder: &Folder, file: &CaseFile) -> Result<Vec<String>, String> {
    let case: Case = file.case()?;
    let given = case.account.as_ref().unwrap_or(&folder.defaults.account);
    let account: A::Account = given.account()?;
    let secrets = Secrets::of(&given.secrets);
    let files: Files =
        case.files.iter().map(|(id, file)| Ok((id.clone(), file.read()?))).collect::<Result<_, String>>()?;
    let order = match (&case.message, &case.change) {
        (Some(message), None) => {
            let message = weft_proto::json::decode(message.to_string().as_bytes());
            Order::Send(Box::new(message.map_err(|error| format!("the message: {error}"))?), files)
        }
        (None, Some(change)) => {
            let change = weft_proto::json::decode(change.to_string().as_bytes());
            Order::Change(change.map_err(|error| format!("the change: {error}"))?)
        }
        _ => return Err("a case has either a `message` or a `change`".to_owned()),
    };

    let player = Player::new(case.replies.clone()).with_route(case.route.clone());
    let result = order.carry_out(adapter, &account, &player).await;
    let outcome = outcome(&result, &player, &secrets);
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
    if player.unused() > 0 {
        whys.push(format!("{} replies were not used", player.unused()));
    }
    if player.calls().len() > case.replies.len() {
        whys.push(format!("an unexpected call, number {}", case.replies.len() + 1));
    }
    let debug = format!("{account:?} {result:?} {:?}", player.calls());
    let words = result.err().map(|error| error.to_string()).unwrap_or_default();
    if let Some(name) = secrets.shown_in(&debug).or_else(|| secrets.shown_in(&words)) {
        whys.push(format!("the secret `{name}` shows in an error or debug output"));
    }
    for replies in misshapen_replies(&case.replies) {
        // whatever comes back, it must not panic
        drop(order.carry_out(adapter, &account, &Player::new(replies)).await);
    }
    Ok(whys)
}

enum Order {
    Send(Box<Outbound>, Files),
    Change(Change),
}

impl Order {
    /// Carries it out as the host does: a message is planned and its parts are sent, a change is made if the adapter can.
    async fn carry_out<A: Adapter>(
        &self,
        adapter: &A,
        account: &A::Account,
        player: &Player,
    ) -> Result<Receipt, SendError> {
        let can = adapter.descriptor().capabilities;
        let (message, files) = match self {
            Self::Send(message, files) => (message, files),
            Self::Change(change) => {
                let possible = match &change.change {
                    Some(What::Edit(_)) => can.changes.edits,
                    Some(What::Delete(())) => can.changes.deletes,
                    Some(What::React(_)) => can.changes.reactions,
                    None => false,
                };
                assert!(possible, "the host asks for no change that the capabilities do not name");
                return adapter.change(account, change, player).await.map(|()| Receipt::default());
            }
        };
        let plan = plan(&can, message)?;
        let mut whole = Receipt { warnings: plan.warnings, ..Receipt::default() };
        for part in &plan.parts {
            let receipt = adapter.send(account, part, files, player).await?;
            whole.provider_message_ids.extend(receipt.provider_message_ids);
            whole.moved_to = receipt.moved_to.or(whole.moved_to);
            whole.warnings.extend(receipt.warnings);
        }
        Ok(whole)
    }
}

fn outcome(result: &Result<Receipt, SendError>, player: &Player, secrets: &Secrets) -> Map<String, Value> {
    let mut fields = Map::new();
    let calls = player.calls();
    fields.insert(
        "calls".to_owned(),
        calls.iter().map(|call| secrets.mask_value(call_to_value(call))).collect(),
    );
    fields.extend(result_to_fields(result));
    fields
}

/// What became of a message, as a case writes it.
pub(super) fn result_to_fields(result: &Result<Receipt, SendError>) -> Map<String, Value> {
    let mut fields = Map::new();
    match result {
        Ok(receipt) => {
            let mut shown = Map::new();
            shown.insert("ids".to_owned(), json!(receipt.provider_message_ids));
            if let Some(moved_to) = &receipt.moved_to {
                shown.insert("moved_to".to_owned(), json!(moved_to));
            }
            if !receipt.warnings.is_empty() {
                shown.insert("warnings".to_owned(), json!(receipt.warnings));
            }
            fields.insert("receipt".to_owned(), Value::Object(shown));
        }
        Err(error) => {
            let retry = format!("{:?}", error.retry());
            let shown = json!({"code": error.code(), "retry": retry, "words": error.to_string()});
            fields.insert("error".to_owned(), shown);
        }
    }
    fields
}

/// The first reply in wrong shapes.
fn misshapen_replies(replies: &[Played]) -> Vec<Vec<Played>> {
    let Some((first, rest)) = replies.split_first() else { return Vec::new() };
    let Some(body) = &first.json else { return Vec::new() };
    let with = |value: Value| {
        let changed = Played { json: Some(value), ..first.clone() };
        std::iter::once(changed).chain(rest.iter().cloned()).collect()
    };
    misshapen(body).into_iter().map(with).collect()
}

impl GivenFile {
    pub(super) fn read(&self) -> Result<File, String> {
        let bytes = match (&self.text, &self.base64, self.zeroes) {
            (Some(text), _, _) => Bytes::from(text.clone()),
            (None, Some(encoded), _) => STANDARD.decode(encoded).map_err(|error| error.to_string())?.into(),
            (None, None, count) => vec![0; count.unwrap_or_default()].into(),
        };
        Ok(File { name: self.name.clone(), mime: self.mime.clone(), bytes, link: self.link.clone() })
    }
}
