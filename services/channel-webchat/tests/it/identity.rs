use chrono::Utc;
use serde_json::{Value, json};
use uuid::Uuid;
use weft_auth::RsaSigner;
use weft_crypto::sign::hmac_sha256;

use crate::rig::{Rig, config, get, json_of, post, refusal};

const SECRETS: [&str; 2] = ["the shop's old secret", "the shop's new secret"];

async fn rig(settings: Value) -> Rig {
    Rig::set_up(config(), settings, json!({"identity_hash_secrets": SECRETS})).await
}

fn proof(user: &str, secret: &str) -> Value {
    let hash = hmac_sha256(secret.as_bytes(), &[user.as_bytes()]);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({"identity": {"user_id": user, "user_hash": hex}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proven_visitor_has_one_thread_on_every_device_and_another_person_another() {
    let mut rig = rig(json!({})).await;
    let phone = rig.open(None, &proof("17", SECRETS[0])).await;
    let desk = rig.open(None, &proof("17", SECRETS[1])).await;
    assert_eq!(phone.visitor, desk.visitor);
    assert_ne!(phone.opened["session_id"], desk.opened["session_id"]);
    assert_eq!(phone.opened["proven"], true);
    let other = rig.open(None, &proof("18", SECRETS[1])).await;
    assert_ne!(other.visitor, desk.visitor);
    // whoever signs in has another thread than whoever they were before
    let anonymous = rig.visitor().await;
    assert_eq!(anonymous.opened["proven"], false);
    let signed_in = rig.open(Some(&anonymous.token), &proof("17", SECRETS[1])).await;
    assert_eq!(signed_in.visitor, phone.visitor);

    let mut page = rig.socket(&phone).await;
    rig.write(&desk, Uuid::now_v7(), "from my desk").await;
    let thread = rig.next_inbound().await.thread.unwrap();
    assert_eq!(thread.id, rig.thread(&phone));
    assert_eq!(thread.contact.unwrap().username.as_deref(), Some("17"), "agents see who it is");
    rig.answer(&desk, 2, "on every device").await;
    assert_eq!(page.next().await["message"]["text"], "on every device");
    rig.write(&anonymous, Uuid::now_v7(), "x").await;
    let stranger = loop {
        let event = rig.next_inbound().await;
        if let Some(weft_channel::Event::Message(_)) = event.event {
            break event.thread.unwrap().contact.unwrap();
        }
    };
    assert_eq!((stranger.id.as_str(), stranger.username), (anonymous.visitor.as_str(), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_does_not_hold_opens_nothing_and_says_why() {
    let rig = rig(json!({})).await;
    let refused = async |token: Option<&str>, asked: Value| {
        refusal(rig.call(post(&rig.path("sessions"), token, &asked)).await).await
    };
    for wrong in [proof("17", "a guess"), json!({"identity": {"user_id": "17", "user_hash": "zz"}})] {
        assert_eq!(refused(None, wrong).await, (401, "identity_not_proven".into()));
    }
    assert_eq!(refused(None, json!({"identity": {"user_id": "17"}})).await, (400, "invalid_field".into()));
    assert_eq!(
        refused(None, json!({"identity": {"token": "a.b.c"}})).await,
        (401, "identity_not_proven".into())
    );
    // who has signed out there is not signed in here
    let known = rig.open(None, &proof("17", SECRETS[0])).await;
    assert_eq!(refused(Some(&known.token), json!({})).await, (401, "identity_needed".into()));
    let again = rig.open(Some(&known.token), &proof("17", SECRETS[0])).await;
    assert_eq!(again.opened["session_id"], known.opened["session_id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_tenants_server_names_the_visitor() {
    let signer = RsaSigner::generate("k1").unwrap();
    let settings = json!({
        "identity_public_keys": [signer.public_pem().unwrap()],
        "identity_audience": "chat",
        "require_identity": true,
    });
    let mut rig = rig(settings).await;
    let exp = Utc::now().timestamp() + 300;
    let claims = json!({"sub": "17", "exp": exp, "aud": "chat", "name": "Ada", "email": "ada@example.org"});
    let asked = json!({"name": "Mallory", "identity": {"token": signer.sign(&claims).unwrap()}});
    let session = rig.open(None, &asked).await;
    rig.write(&session, Uuid::now_v7(), "hello").await;
    let contact = rig.next_inbound().await.thread.unwrap().contact.unwrap();
    assert_eq!((contact.name.as_str(), contact.email.as_deref()), ("Ada", Some("ada@example.org")));
    for (claim, value, reason) in
        [("exp", json!(exp - 3600), "identity_proof_expired"), ("aud", json!("shop"), "identity_not_proven")]
    {
        let mut wrong = claims.clone();
        wrong[claim] = value;
        let asked = json!({"identity": {"token": signer.sign(&wrong).unwrap()}});
        let answer = rig.call(post(&rig.path("sessions"), None, &asked)).await;
        assert_eq!(refusal(answer).await, (401, reason.into()));
    }
    let anonymous = rig.call(post(&rig.path("sessions"), None, &json!({}))).await;
    assert_eq!(refusal(anonymous).await, (401, "identity_needed".into()));
    let shown = json_of(rig.call(get(&format!("/webchat/{}", rig.channel), None)).await).await;
    assert_eq!(shown["require_identity"], true);
}
