use std::{path::Path, time::Duration};

use serde_json::{Value, json};
use weft_tests_fleet::{Engines, Fleet, Weft};

/// The command line of an auditor: no server is asked but for the export.
async fn weft(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let data = folder.display().to_string();
    let output = Weft::command(folder, arguments, &[("WEFT_DATA__FOLDER", &data)]).await;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_fleet_did_is_exported_and_verified_and_a_lie_is_named() {
    let every = [("WEFT_COMPLIANCE__CHECKPOINT_ENTRIES", "1")];
    let fleet = Fleet::start_with(weft_testkit::temp_dir(), Engines::Embedded, &every).await;
    let admin = fleet.admin().await;
    let person =
        json!({"email": "ben@demo.test", "password": "correct horse battery staple", "role": "agent"});
    let user = admin.post("/v1/users", &person).await;
    let id = user["id"].as_str().unwrap();
    admin.patch(&format!("/v1/users/{id}"), &json!({"role": "supervisor"})).await;
    let entry = weft_testkit::eventually("the change is in the log", Duration::from_secs(20), async || {
        let page = admin.get(&format!("/v1/audit-log?object={id}&action=user.update")).await;
        page["items"].as_array().unwrap().first().cloned()
    })
    .await;
    assert_eq!(entry["changes"], json!([{"field": "role", "value": "supervisor"}]));
    assert_eq!(entry["personal"], json!([{"name": "address", "value": "127.0.0.1"}]));
    let seq = entry["seq"].as_u64().unwrap();
    let signed_at = weft_testkit::eventually("a checkpoint covers it", Duration::from_secs(20), async || {
        let page = admin.get("/v1/audit-log/checkpoints?page_size=200").await;
        let covers = |one: &&Value| one["size"].as_u64() >= Some(seq);
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(covers)
            .map(|one| one["at"].as_str().unwrap().to_owned())
    })
    .await;
    let (base, token) = (fleet.base.clone(), admin.token().to_owned());
    let work = weft_testkit::temp_dir();
    let log = work.path().join("log.jsonl").display().to_string();
    let export = ["audit", "export", "--url", &base, "--token", &token, "--out", &log];
    weft(work.path(), &export).await.unwrap();
    let folder = fleet.stop().await;

    let key = weft(folder.path(), &["audit", "key"]).await.unwrap();
    let verify = ["audit", "verify", &log, "--checkpoints", "audit-checkpoints", "--public-key", &key];
    let then = [verify.as_slice(), &["--made-at", &signed_at]].concat();
    let told = weft(folder.path(), &then).await.unwrap();
    assert!(told.contains("unbroken") && told.contains("checkpoints agree"), "{told}");
    let alone = weft(folder.path(), &["audit", "verify", &log]).await.unwrap();
    assert!(alone.contains("unbroken"), "{alone}");

    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, text.replacen("\"supervisor\"", "\"agent\"", 1)).unwrap();
    let fault = weft(folder.path(), &verify).await.unwrap_err();
    assert!(fault.contains(&format!("entry {seq} was changed")), "{fault}");
}
