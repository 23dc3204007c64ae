use serde::Deserialize;
use serde_json::{Map, Value};
use weft_channel::{AccountSettings, Received};

use super::{
    folder::{CaseFile, Folder},
    receive::{EXPECTED, are_fine, event_to_value, received_to_fields},
    scene::{GivenStep, Line, Scene, bytes, scene},
};
use crate::{
    account::Given,
    difference::difference,
    mutate::{scrambled, truncated},
    secrets::Secrets,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the expected part is read as JSON; here only its names are checked")]
struct Case {
    about: Option<String>,
    account: Option<Given>,
    #[serde(default)]
    before: Vec<GivenStep>,
    arrives: Vec<Line>,
    events: Option<Value>,
    ignored: Option<Value>,
    unreadable: Option<Value>,
    routes: Option<Value>,
}

/// Runs one case, and what no author remembers.
pub(super) async fn run<S: AccountSettings>(
    folder: &Folder,
    file: &CaseFile,
    receive: &impl AsyncFn(Scene<S>) -> Vec<Received>,
) -> Vec<String> {
    match try_run(folder, file, receive).await {
        Ok(whys) => whys,
        Err(why) => vec![why],
    }
}

async fn try_run<S: AccountSettings>(
    folder: &Folder,
    file: &CaseFile,
    receive: &impl AsyncFn(Scene<S>) -> Vec<Received>,
) -> Result<Vec<String>, String> {
    let case: Case = file.case()?;
    let given = case.account.as_ref().unwrap_or(&folder.defaults.account);
    let secrets = Secrets::of(&given.secrets);
    let raw = bytes(&case.arrives)?;
    // it, the same again, and then whatever else may arrive: nothing may panic
    let mut arrives = vec![raw.clone(), raw.clone()];
    arrives.extend(truncated(&raw, CUTS));
    arrives.extend(scrambled(&raw, SCRAMBLED));
    let mut became = receive(scene(given, &case.before, arrives)?).await.into_iter();
    let received = became.next().unwrap_or_default();

    let outcome = received_to_fields(&received, &secrets);
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
    let once = keys(&received);
    whys.extend(are_fine(&once));
    let events: Vec<Value> = received.events.iter().map(event_to_value).collect();
    let shown = format!("{received:?} {}", Value::Array(events));
    if let Some(name) = secrets.shown_in(&shown) {
        whys.push(format!("the secret `{name}` shows in events or debug output"));
    }
    let again = became.next().map(|again| keys(&again)).unwrap_or_default();
    if again != once {
        whys.push(format!("the same again has other keys: {again:?}"));
    }
    for event in became.flat_map(|received| received.events) {
        if event.key.is_empty() || weft_proto::json::encode(&event).is_err() {
            whys.push("something misshapen made an event that cannot travel".to_owned());
        }
    }
    Ok(whys)
}

/// So many of each are enough, since each is read as a whole.
const CUTS: usize = 4;
const SCRAMBLED: usize = 4;

fn keys(received: &Received) -> Vec<String> {
    received.events.iter().map(|event| event.key.clone()).collect()
}
