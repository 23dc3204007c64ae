use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message as Frame;
use weft_channel_webchat::Config;
use weft_crypto::sign::hmac_sha256;

use crate::{
    bare_page::BarePage,
    neighbours::fields,
    rig::{Rig, SOON, config, get, post},
};

async fn replace(rig: &Rig, secrets: Value) {
    rig.change_channel(|account| {
        account.secrets.get_or_insert_default().fields.extend(fields(&secrets).fields);
    })
    .await;
}

fn new_secret() -> String {
    BASE64_URL_SAFE_NO_PAD.encode([7; 32])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_session_secret_ends_the_sessions_that_are_open_too() {
    let rig = Rig::with(Config { look_every_ms: 50, ..config() }, &[]).await;
    let session = rig.visitor().await;
    let mut ours = rig.socket(&session).await;
    let mut theirs = BarePage::open(&rig).await;
    theirs.emit("join_session", json!({"session_token": session.token})).await;
    theirs.hear("joined").await;
    replace(&rig, json!({"session_secret": new_secret()})).await;
    let Frame::Close(Some(frame)) = ours.receive().await else { panic!("a close") };
    assert_eq!(u16::from(frame.code), 4401);
    assert_eq!(theirs.hear("error").await["reason"], "session_expired");
    theirs.until("41").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_older_than_the_secrets_joins_under_the_new_ones() {
    let secrets = json!({"identity_hash_secrets": ["a secret that gets about"]});
    let rig = Rig::set_up(config(), json!({}), secrets).await;
    let mut page = BarePage::open(&rig).await;
    let hash = hmac_sha256(b"a secret that gets about", &[b"17"]);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let proof = json!({"identity": {"user_id": "17", "user_hash": hex}});
    let session = rig.open(None, &proof).await;
    let both =
        json!({"identity_hash_secrets": ["another secret of the shop"], "session_secret": new_secret()});
    replace(&rig, both).await;
    let is_known = async || {
        let refused = rig.call(get(&rig.path("messages"), Some(&session.token))).await;
        (refused.status() == 401).then_some(())
    };
    weft_testkit::eventually("the new secrets hold", SOON, is_known).await;
    for (asked, reason) in
        [(proof.clone(), "identity_not_proven"), (json!({"session_token": session.token}), "invalid_session")]
    {
        page.emit("join_session", asked).await;
        assert_eq!(page.hear("error").await["reason"], reason);
    }
    assert_eq!(rig.call(post(&rig.path("sessions"), None, &proof)).await.status(), 401);
}
