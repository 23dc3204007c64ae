#![expect(clippy::indexing_slicing, clippy::panic, reason = "a test")]

use std::{path::Path, time::Duration};

use serde_json::{Value, json};
use tokio::process::Command;
use weft_channel_telegram::simulator::Content;
use weft_tests_fleet::{Client, Live, PASSWORD, Provider, Weft};

const ADMIN: &str = "admin@demo.test";
const LISTEN: (&str, &str) = ("WEFT_GATEWAY__LISTEN", "127.0.0.1:0");
const PRIVATE: (&str, &str) = ("WEFT_HTTP__ALLOW_PRIVATE", "true");
const QUIET: (&str, &str) = ("WEFT_LOG__FILTER", "warn");

/// The README's commands, as they stand there; only the addresses and the place of the binary are others.
#[tokio::test(flavor = "multi_thread")]
async fn the_tour_of_the_readme_ends_with_the_answer_at_the_provider() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let readme = std::fs::read_to_string(format!("{root}/README.md")).unwrap();
    let blocks = shell_blocks(&readme, "## Sixty seconds");
    let [first, second, third] = blocks.as_slice() else { panic!("three terminals: {blocks:?}") };
    let folder = tempfile::tempdir().unwrap();
    let binary = format!("exec '{}'", Weft::path().display());

    let make_run = make_run(root).await.replace("cargo run --release --bin weft --", &binary);
    let script = replace(first, "make run", &make_run);
    let mut weft = Weft::script(folder.path(), &script, &[LISTEN]);
    let base = weft.answers_at().await;
    let admin = Client::sign_in(&base, ADMIN, PASSWORD).await;
    let mut live = Live::subscribe(&admin).await;

    let script = format!("{} --listen 127.0.0.1:0", replace(second, "target/release/weft", &binary).trim());
    let mut simulator = Weft::script(folder.path(), &script, &[("WEFT_URL", &base)]);
    simulator.wait_for("connected as", |line| line.contains("connected as").then_some(())).await;
    let message = live.event("message.created", |data| Some(data["message"].clone())).await;
    assert_eq!(message["direction"], "inbound");

    let script = replace(third, "localhost:8080", base.trim_start_matches("http://"));
    let (listed, answer) = third_terminal(folder.path(), &script).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(answer["text"], "We are on it.");
    simulator.wait_for("We are on it.", |line| line.ends_with("We are on it.").then_some(())).await;
    let sent = live.event("message.updated", |data| {
        let is_sent = data["message"]["id"] == answer["id"] && data["message"]["state"] == "sent";
        is_sent.then_some(())
    });
    sent.await;
    let path = format!("/v1/conversations/{}/messages", answer["conversation_id"].as_str().unwrap());
    let messages = admin.list(&path).await;
    let answer = messages.iter().find(|message| message["id"] == answer["id"]).unwrap();
    assert_eq!(answer["state"], "sent");
    assert!(weft.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_on_the_same_data_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let (mut weft, base) = up(folder.path()).await;
    let password = weft.wait_for("the password", password_in).await;
    assert!(password.len() >= 16, "made, and shown once");
    let admin = Client::sign_in(&base, ADMIN, &password).await;
    let provider = Provider::start().await;
    provider.connect_at(&admin, "tour-secret-0123456789").await;
    let mut live = Live::subscribe(&admin).await;
    provider.simulator.add_customer(1_000_000_001, "Ada", "en");
    provider.simulator.customer_says(1_000_000_001, Content::Text("Do you keep me?".into())).unwrap();
    live.event("message.created", |_| Some(())).await;
    let before = everything(&admin).await;
    assert!(weft.terminate().await.success());

    let (mut weft, base) = up(folder.path()).await;
    let shown = weft.wait_for("the password", password_in).await;
    assert_eq!(shown, "as", "it is not shown again: as it was set");
    let admin = Client::sign_in(&base, ADMIN, &password).await;
    assert_eq!(everything(&admin).await, before);

    let variables = [("WEFT_URL", base.as_str()), QUIET];
    let listed = Weft::command(folder.path(), &["channel", "list", "--json"], &variables).await;
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let mut kinds: Vec<_> =
        listed.as_array().unwrap().iter().map(|channel| channel["kind"].as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, [Some("telegram"), Some("webchat")]);
    assert!(weft.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shown_configuration_holds_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = [
        ("WEFT_BOOTSTRAP__ADMIN_PASSWORD", "canary-1f0c"),
        ("WEFT_STORE__URL", "postgres://weft:canary-2e9a@localhost/weft"),
        ("WEFT_AUTH__FLEET_SECRET", "canary-3d7b-canary-3d7b-canary-3d7b"),
    ];
    for arguments in [&["config", "--json"][..], &["config"]] {
        let shown = Weft::command(folder.path(), arguments, &secrets).await;
        assert!(shown.status.success());
        let text = String::from_utf8([shown.stdout, shown.stderr].concat()).unwrap();
        assert!(!text.contains("canary"), "{text}");
        for (name, _) in secrets {
            assert!(text.contains(name), "it says where {name} comes from");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_variables_keep_it_from_starting_and_are_all_named() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = [("WEFT_GATEWAY__LISTEN", "nonsense"), ("WEFT_LOG__FROMAT", "json")];
    let refused = Weft::command(folder.path(), &["up", "--demo"], &wrong).await;
    assert_eq!(refused.status.code(), Some(1));
    let words = String::from_utf8(refused.stderr).unwrap();
    for (name, _) in wrong {
        assert!(words.contains(name), "{words}");
    }
    assert!(!folder.path().join("data").exists(), "nothing was begun");
}

async fn up(folder: &Path) -> (Weft, String) {
    let mut weft = Weft::run(folder, &["up", "--demo"], &[LISTEN, PRIVATE, QUIET]);
    let base = weft.answers_at().await;
    (weft, base)
}

/// What a person would miss.
async fn everything(admin: &Client) -> Value {
    let conversations = admin.list("/v1/conversations").await;
    let id = conversations[0]["id"].as_str().unwrap();
    let mut channels = admin.list("/v1/channels").await;
    for channel in &mut channels {
        // Each start connects them anew.
        channel.as_object_mut().unwrap().remove("health");
    }
    json!({
        "channels": channels,
        "messages": admin.list(&format!("/v1/conversations/{id}/messages")).await,
        "conversations": conversations,
        "contacts": admin.list("/v1/contacts").await,
        "users": admin.list("/v1/users").await,
    })
}

fn password_in(line: &str) -> Option<String> {
    let (_, after) = line.strip_prefix("Sign in as ")?.split_once("password ")?;
    after.split_whitespace().next().map(str::to_owned)
}

/// What `make run` does.
async fn make_run(root: &str) -> String {
    let mut make = Command::new("make");
    make.args(["--no-print-directory", "--dry-run", "-C", root, "run", "CARGO=cargo"]);
    let output = make.output().await.unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The list and the answer that the third terminal shows.
async fn third_terminal(folder: &Path, script: &str) -> (Value, Value) {
    let mut bash = Command::new("bash");
    bash.args(["-eu", "-o", "pipefail", "-c", script]).current_dir(folder).kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_secs(60), bash.output()).await.unwrap().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown} {}", String::from_utf8_lossy(&output.stderr));
    let mut values = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>();
    let mut next = || values.next().unwrap_or_else(|| panic!("two answers: {shown}")).unwrap();
    (next(), next())
}

fn replace(block: &str, what: &str, with: &str) -> String {
    assert!(block.contains(what), "the tour says `{what}`: {block}");
    block.replace(what, with)
}

/// The shell commands of one section.
fn shell_blocks(text: &str, heading: &str) -> Vec<String> {
    let (_, after) = text.split_once(heading).unwrap();
    let section = after.split("\n## ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}
