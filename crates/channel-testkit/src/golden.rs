//! Recorded webhooks and messages, and what becomes of them.

mod case;
mod folder;
mod receive;
mod scene;
mod send;
mod staged_receive;
mod staged_send;

use std::path::Path;

use weft_channel::{AccountSettings, Adapter, Files, Outbound, Receipt, Received, SendError, WebhookCall};

pub use scene::{Scene, Step};

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

/// Runs the receiving cases of an adapter that asks for what is new, whatever way it does that: `receive` has what the scene
/// says happen and gives what the adapter made of each thing that arrived.
///
/// # Panics
/// With all failures, when there is one, or when there are no cases.
pub async fn golden_received<S: AccountSettings>(
    folder: impl AsRef<Path>,
    receive: impl AsyncFn(Scene<S>) -> Vec<Received>,
) {
    let telemetry = weft_telemetry::init_for_test();
    let folder = Folder::open(folder.as_ref(), |_| {});
    let mut whys = Vec::new();
    for file in folder.cases("receive") {
        let failed = staged_receive::run(&folder, &file, &receive).await;
        whys.extend(failed.into_iter().map(|why| format!("{}: {why}", file.name)));
    }
    whys.extend(shown_in_logs(&folder, &telemetry.log_lines()));
    assert!(whys.is_empty(), "{} failures:\n{}", whys.len(), whys.join("\n"));
}

/// Runs the sending cases of an adapter that does not send by HTTP: `send` has what the scene says happen, sends the message,
/// and gives besides the result what the provider then had, as lines of text.
///
/// # Panics
/// With all failures, when there is one, or when there are no cases.
pub async fn golden_sent<S: AccountSettings>(
    folder: impl AsRef<Path>,
    send: impl AsyncFn(Scene<S>, Outbound, Files) -> (Result<Receipt, SendError>, Vec<String>),
) {
    let telemetry = weft_telemetry::init_for_test();
    let folder = Folder::open(folder.as_ref(), |_| {});
    let mut whys = Vec::new();
    for file in folder.cases("send") {
        let failed = staged_send::run(&folder, &file, &send).await;
        whys.extend(failed.into_iter().map(|why| format!("{}: {why}", file.name)));
    }
    whys.extend(shown_in_logs(&folder, &telemetry.log_lines()));
    assert!(whys.is_empty(), "{} failures:\n{}", whys.len(), whys.join("\n"));
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
    let shown = shown_in_logs(&folder, &telemetry.log_lines());
    if !shown.is_empty() {
        add("logs", shown);
    }
    failures
}

fn shown_in_logs(folder: &Folder, lines: &[String]) -> Vec<String> {
    let secrets = folder.secrets();
    let shown = lines.iter().filter_map(|line| secrets.shown_in(line));
    shown.map(|name| format!("a log line shows the secret `{name}`")).collect()
}

/// The account that the cases of a folder share, and the call of each webhook case.
pub(crate) fn sample_calls(folder: &Path) -> (Given, Vec<(String, WebhookCall)>) {
    let folder = Folder::open(folder, |_| {});
    let calls = folder.cases("receive").iter().map(|file| receive::sample(file, &folder)).collect();
    (folder.defaults.account, calls)
}
