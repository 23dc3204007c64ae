use std::time::Duration;

use serde_json::{Value, json};
use weft_tests_fleet::{Client, Engines, Fleet, Weft};

use crate::matrix::things::bury;

/// A person at a terminal, of whom only the token is known.
struct Terminal<'a> {
    fleet: &'a Fleet,
    admin: &'a Client,
}

impl Terminal<'_> {
    async fn weft(&self, arguments: &[&str]) -> Result<String, String> {
        let variables = [("WEFT_URL", self.fleet.base.as_str()), ("WEFT_TOKEN", self.admin.token())];
        let folder = weft_testkit::temp_dir();
        let arguments = [&["dead-letters"], arguments].concat();
        let output = Weft::command(folder.path(), &arguments, &variables).await;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    async fn list(&self, arguments: &[&str]) -> Vec<Value> {
        let text = self.weft(&[&["list", "--json"], arguments].concat()).await.unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_webhook_is_seen_looked_at_and_discarded_at_the_command_line() {
    let fleet = Fleet::start(Engines::Embedded).await;
    let admin = fleet.admin().await;
    let secrets = json!({"token": "t", "webhook_secret": "s"});
    let channel = fleet.connect(&admin, "echo", json!({"api_base": "http://127.0.0.1:9/"}), secrets).await;
    let hook = format!("/hooks/echo/{channel}");
    assert_eq!(admin.post_raw(&hook, &[("x-echo-secret", "s")], "{\"broken\":").await.unwrap(), 200);
    let terminal = Terminal { fleet: &fleet, admin: &admin };
    let id = weft_testkit::eventually("it is listed", Duration::from_secs(20), async || {
        let letters = terminal.list(&["--reason", "unreadable_call"]).await;
        letters.first().map(|letter| letter["id"].as_str().unwrap().to_owned())
    })
    .await;
    let table = terminal.weft(&["list"]).await.unwrap();
    assert!(
        table.contains(&id) && table.contains("channel-echo") && table.contains("unreadable_call"),
        "{table}"
    );
    assert!(!table.contains("broken"), "a list shows no bodies: {table}");
    let shown = terminal.weft(&["show", &id]).await.unwrap();
    assert!(shown.contains("{\"broken\":") && shown.contains("unreadable_call"), "{shown}");
    let refused = terminal.weft(&["replay", &id]).await.unwrap_err();
    assert!(refused.contains("not_replayable"), "{refused}");

    let discarded = terminal.weft(&["discard", &id, "--why", "a test of ours"]).await.unwrap();
    assert!(discarded.contains("discarded"), "{discarded}");
    assert_eq!(terminal.list(&[]).await, Vec::<Value>::new());
    let ended = terminal.list(&["--state", "discarded"]).await;
    assert_eq!((&ended[0]["id"], &ended[0]["why"]), (&json!(id), &json!("a test of ours")));
    let shown = terminal.weft(&["show", &id]).await.unwrap();
    assert!(shown.contains("the body is gone"), "{shown}");
    fleet.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_of_a_reason_are_replayed_together_and_what_fails_again_waits_for_the_next_time() {
    let fleet = Fleet::start(Engines::Embedded).await;
    let admin = fleet.admin().await;
    let tenant = admin.get("/v1/me").await["tenant"]["id"].as_str().unwrap().to_owned();
    for _ in 0..3 {
        bury(&fleet, &admin, &tenant).await;
    }
    let terminal = Terminal { fleet: &fleet, admin: &admin };
    let all = ["replay", "--all", "--reason", "given_up"];
    let refused = terminal.weft(&all).await.unwrap_err();
    assert!(refused.contains("--yes"), "nobody is at this terminal: {refused}");
    let done = terminal.weft(&[&all[..], &["--yes"]].concat()).await.unwrap();
    assert_eq!(done, "3 letters, 0 left");
    assert_eq!(terminal.list(&["--state", "replayed"]).await.len(), 3);
    let again = weft_testkit::eventually("they fail again", Duration::from_secs(20), async || {
        let letters = terminal.list(&["--source", "conversation-in"]).await;
        (letters.len() == 3).then_some(letters)
    })
    .await;
    assert!(again.iter().all(|letter| letter["reason"] != "given_up"), "{again:?}");
    let discard = ["discard", "--all", "--why", "worth nothing", "--yes", "--json"];
    let done: Value = serde_json::from_str(&terminal.weft(&discard).await.unwrap()).unwrap();
    assert_eq!(done, json!({"letters": 3, "left": 0}));
    assert_eq!(terminal.list(&[]).await, Vec::<Value>::new());
    fleet.stop().await;
}
