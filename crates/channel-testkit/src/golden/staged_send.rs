use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use weft_channel::{AccountSettings, Files, Outbound, Receipt, SendError};

use super::{
    folder::{CaseFile, Folder},
    scene::{GivenStep, Scene, message, scene},
    send::{GivenFile, result_to_fields},
};
use crate::{account::Given, difference::difference, secrets::Secrets};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the expected part is read as JSON; here only its names are checked")]
struct Case {
    about: Option<String>,
    account: Option<Given>,
    #[serde(default)]
    before: Vec<GivenStep>,
    message: Value,
    #[serde(default)]
    files: BTreeMap<String, GivenFile>,
    written: Option<Value>,
    receipt: Option<Value>,
    error: Option<Value>,
}

const EXPECTED: [&str; 3] = ["written", "receipt", "error"];

/// Runs one case.
pub(super) async fn run<S: AccountSettings>(
    folder: &Folder,
    file: &CaseFile,
    send: &impl AsyncFn(Scene<S>, Outbound, Files) -> (Result<Receipt, SendError>, Vec<String>),
) -> Vec<String> {
    match try_run(folder, file, send).await {
        Ok(whys) => whys,
        Err(why) => vec![why],
    }
}

async fn try_run<S: AccountSettings>(
    folder: &Folder,
    file: &CaseFile,
    send: &impl AsyncFn(Scene<S>, Outbound, Files) -> (Result<Receipt, SendError>, Vec<String>),
) -> Result<Vec<String>, String> {
    let case: Case = file.case()?;
    let given = case.account.as_ref().unwrap_or(&folder.defaults.account);
    let secrets = Secrets::of(&given.secrets);
    let files: Files =
        case.files.iter().map(|(id, file)| Ok((id.clone(), file.read()?))).collect::<Result<_, String>>()?;
    let scene = scene(given, &case.before, Vec::new())?;
    let (result, written) = send(scene, message(&case.message)?, files).await;

    let mut outcome = result_to_fields(&result);
    outcome.insert("written".to_owned(), written.clone().into());
    if !file.expects(&EXPECTED) {
        folder.complete(file, outcome)?;
        return Ok(Vec::new());
    }
    let expected: Map<String, Value> = EXPECTED
        .iter()
        .filter_map(|part| Some(((*part).to_owned(), file.content.get(*part)?.clone())))
        .collect();
    let mut whys: Vec<String> =
        difference(&Value::Object(expected), &Value::Object(outcome)).into_iter().collect();
    let words = result.as_ref().err().map(ToString::to_string).unwrap_or_default();
    let shown = format!("{result:?} {words} {}", written.join("\n"));
    whys.extend(secrets.shown_in(&shown).map(|name| format!("the secret `{name}` shows")));
    Ok(whys)
}
