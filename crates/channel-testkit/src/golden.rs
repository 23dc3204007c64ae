//! Recorded webhooks and messages, and what becomes of them.

mod case;
mod folder;
mod receive;
mod send;

use std::path::Path;

use weft_channel::{Adapter, WebhookCall};

use crate::account::Given;
use folder::Folder;

/// What went wrong in one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Like `receive/photo_with_caption`.
    pub case: String,
    /// In words.
    pub why: String,
}

/// Signs a call over its body, as the provider does.
pub type Sign = fn(&mut WebhookCall);

/// Runs all cases of a folder.
///
/// # Panics
/// With all failures, when there is one, or when there are no cases.
pub async fn golden<A: Adapter>(adapter: &A, folder: impl AsRef<Path>) {
    golden_signed(adapter, folder, |_| {}).await;
}

/// Runs all cases of a folder of a provider that signs what it sends; headers that a case gives itself stay.
///
/// # Panics
/// With all failures, when there is one, or when there are no cases.
pub async fn golden_signed<A: Adapter>(adapter: &A, folder: impl AsRef<Path>, sign: Sign) {
    let failures = run_golden(adapter, folder.as_ref(), sign).await;
    let lines: Vec<String> =
        failures.iter().map(|failure| format!("{}: {}", failure.case, failure.why)).collect();
    assert!(lines.is_empty(), "{} failures:\n{}", lines.len(), lines.join("\n"));
}

/// Runs all cases of a folder and tells what went wrong.
pub async fn run_golden<A: Adapter>(adapter: &A, folder: &Path, sign: Sign) -> Vec<Failure> {
    let telemetry = weft_telemetry::init_for_test();
    let folder = Folder::open(folder, sign);
    let mut failures = Vec::new();
    let mut add = |case: &str, whys: Vec<String>| {
        failures.extend(whys.into_iter().map(|why| Failure { case: case.to_owned(), why }));
    };
    for file in folder.cases("receive") {
        let whys = receive::run(adapter, &folder, &file);
        add(&file.name, whys);
    }
    for file in folder.cases("send") {
        let whys = send::run(adapter, &folder, &file).await;
        add(&file.name, whys);
    }
    let secrets = folder.secrets();
    for line in telemetry.log_lines() {
        if let Some(name) = secrets.shown_in(&line) {
            add("logs", vec![format!("a log line shows the secret `{name}`")]);
        }
    }
    failures
}

/// The account that the cases of a folder share, and the call of each webhook case.
pub(crate) fn sample_calls(folder: &Path) -> (Given, Vec<(String, WebhookCall)>) {
    let folder = Folder::open(folder, |_| {});
    let calls = folder.cases("receive").iter().map(|file| receive::sample(file, &folder)).collect();
    (folder.defaults.account, calls)
}
