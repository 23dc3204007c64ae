use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use axum::{Form, Json, Router, http::StatusCode, routing::post};
use serde_json::json;
use weft_channel::{
    AccountSettings, Adapter as _, Intake, SetupError, VerifyError, WebhookCall, read_account, schemas,
};
use weft_channel_email::{Account, simulator::Fault};

use crate::rig::Rig;

#[tokio::test]
async fn both_servers_are_signed_in_to_and_a_key_is_made() {
    let mut rig = Rig::start().await;
    let connected = rig.mailbox.connect().await.unwrap();
    assert_eq!(
        (connected.title.as_str(), connected.username.as_deref()),
        ("Simulated Support", Some("support@simulated.example"))
    );
    assert_eq!((connected.intake, connected.secrets_made.len()), (Intake::Poll, 0));
    rig.mailbox.forget_secret("reply_key");
    let made = rig.mailbox.connect().await.unwrap().secrets_made;
    assert_eq!(made.keys().collect::<Vec<_>>(), ["reply_key"]);
}

#[tokio::test]
async fn what_is_wrong_is_said_by_field() {
    let field = |error: SetupError| match error {
        SetupError::Settings { field, why } => {
            assert!(!why.contains("wrong-password"), "{why}");
            field
        }
        other => format!("{other:?}"),
    };
    let mut rig = Rig::start().await;
    rig.mailbox.set_secret("password", "wrong-password");
    assert_eq!(field(rig.mailbox.connect().await.unwrap_err()), "secrets.password");

    let mut rig = Rig::start().await;
    rig.mailbox.set("inbox", "No such folder");
    assert_eq!(field(rig.mailbox.connect().await.unwrap_err()), "settings.inbox");

    let mut rig = Rig::start().await;
    rig.mailbox.set("imap_tls", "starttls");
    assert_eq!(field(rig.mailbox.connect().await.unwrap_err()), "settings.imap_tls");

    let mut rig = Rig::start().await;
    rig.mailbox.set("smtp_tls", "starttls");
    assert_eq!(field(rig.mailbox.connect().await.unwrap_err()), "settings.smtp_tls");

    let mut rig = Rig::start().await;
    rig.mailbox.set("ca_certificate", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----");
    rig.mailbox.set("imap_tls", "implicit");
    assert_eq!(field(rig.mailbox.connect().await.unwrap_err()), "settings.ca_certificate");

    let mut rig = Rig::start().await;
    rig.mailbox.set("auth", "xoauth2");
    rig.simulator.fail_next(Fault::SignIn);
    assert_eq!(field(rig.mailbox.connect().await.unwrap_err()), "secrets.password");
}

#[tokio::test]
async fn an_access_token_is_made_when_there_is_none_or_it_is_not_taken() {
    let answers =
        Arc::new(Mutex::new(VecDeque::from(["stale", "simulated-mail-password", "simulated-mail-password"])));
    let asked = Arc::clone(&answers);
    let token = move |Form(form): Form<BTreeMap<String, String>>| async move {
        assert_eq!(
            (form["grant_type"].as_str(), form["refresh_token"].as_str()),
            ("refresh_token", "refresh")
        );
        match asked.lock().unwrap().pop_front() {
            Some(token) => (StatusCode::OK, Json(json!({"access_token": token, "expires_in": 3600}))),
            None => (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))),
        }
    };
    let mut rig = Rig::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    let (router, stop) = (Router::new().route("/token", post(token)), rig.mailbox.tasks().stop_token());
    rig.mailbox.tasks().spawn("tokens", async move {
        axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
    });
    for (name, value) in [("auth", "xoauth2"), ("client_id", "weft"), ("token_url", &url)] {
        rig.mailbox.set(name, value);
    }
    rig.mailbox.set_secret("refresh_token", "refresh");
    rig.mailbox.forget_secret("password");
    rig.mailbox.connect().await.unwrap();
    assert_eq!(answers.lock().unwrap().len(), 1, "one was not taken, the other was kept");
    rig.mailbox.restart();
    rig.mailbox.connect().await.unwrap();
    rig.mailbox.restart();
    let Err(SetupError::Settings { field, why }) = rig.mailbox.connect().await else { panic!("let in") };
    assert!(field == "secrets.refresh_token" && !why.contains("invalid_grant"), "{field}: {why}");
}

#[test]
fn settings_that_cannot_work_are_refused_by_name() {
    let read = |change: serde_json::Value| {
        let mut settings = json!({"address": "a@example.com", "imap_host": "imap.example.com", "smtp_host": "smtp.example.com"});
        settings.as_object_mut().unwrap().extend(change.as_object().cloned().unwrap());
        let secrets = json!({"password": "p"});
        let read = read_account::<Account>(settings.as_object().unwrap(), secrets.as_object().unwrap());
        read.err().and_then(|error| error.field().map(str::to_owned))
    };
    let table = [
        (json!({}), None),
        (json!({"address": "nobody"}), Some("settings.address")),
        (json!({"address": "a@example.com\r\nBcc: b@example.com"}), Some("settings.address")),
        (json!({"imap_host": "https://imap.example.com"}), Some("settings.imap_host")),
        (json!({"smtp_host": ""}), Some("settings.smtp_host")),
        (json!({"bcc": ["x"]}), Some("settings.bcc")),
        (json!({"inbox": "IN\r\nBOX"}), Some("settings.inbox")),
        (json!({"reply_to_mode": "verp"}), Some("settings.reply_domain")),
        (json!({"smtp_port": 70000}), Some("settings.smtp_port")),
        (json!({"auth": "oauth"}), Some("settings.auth")),
        (json!({"no_such": 1}), Some("settings.no_such")),
    ];
    for (change, field) in table {
        assert_eq!(read(change.clone()).as_deref(), field, "{change}");
    }
    let forms = schemas::<Account>();
    for form in [&forms.settings, &forms.secrets] {
        for (name, field) in form["properties"].as_object().unwrap() {
            assert!(field["description"].as_str().is_some_and(|text| text.len() > 10), "{name}");
        }
    }
    let secrets = forms.secrets["properties"].as_object().unwrap();
    assert!(
        secrets.len() == Account::SECRETS.len()
            && Account::SECRETS.iter().all(|name| secrets.contains_key(*name))
    );
}

#[tokio::test]
async fn nobody_is_believed_who_calls() {
    let rig = Rig::start().await;
    let call = WebhookCall {
        method: http::Method::POST,
        path_rest: String::new(),
        query: String::new(),
        headers: http::HeaderMap::new(),
        body: "From: a@example.com\r\n\r\nHello".into(),
        received_at: chrono::Utc::now(),
    };
    let account = &rig.mailbox.account;
    assert_eq!(rig.mailbox.email.verify(account, &call), Err(VerifyError::NoSecret));
    assert!(rig.mailbox.email.receive(account, &call).is_err());
}
