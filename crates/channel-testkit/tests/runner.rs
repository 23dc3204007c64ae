//! The runner and the contract find what a careless adapter does.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use std::{fs, path::Path};

use schemars::JsonSchema;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use weft_channel::{
    AccountSettings, Adapter, Capabilities, Changes, ContentKind, Descriptor, Event, Files, Idempotency,
    Inbound, Intake, MessageReceived, Outbound, Person, ProviderCall, Rate, Receipt, ReceiveError, Received,
    SendError, Transport, VerifyError, WebhookCall, inbound,
};
use weft_channel_testkit::{Played, Samples, contract, run_golden};

/// What an adapter may get wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Careless {
    No,
    LeaksToken,
    PanicsOnOddInput,
    MindsExtraFields,
    HasNoKeys,
    CallsTwice,
    RetriesItself,
    TrustsAnybody,
}

struct Adapted(Careless);

/// An account.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
struct Account {
    /// Where.
    #[serde(default)]
    api_base: Option<String>,
    /// Which.
    #[schemars(with = "String")]
    token: SecretString,
}

impl AccountSettings for Account {
    const SECRETS: &'static [&'static str] = &["token"];
}

impl Adapter for Adapted {
    type Account = Account;

    fn descriptor(&self) -> Descriptor {
        Descriptor {
            kind: "sample",
            title: "Sample",
            capabilities: Capabilities {
                content: vec![ContentKind::Text],
                max_text_chars: 100,
                max_text_bytes: None,
                captions: None,
                max_file_bytes: 0,
                buttons: None,
                reply_to: false,
                changes: Changes { edits: true, deletes: true, reactions: true },
                typing: false,
                delivered_receipts: false,
                read_receipts: false,
                reply_window: None,
                first_contact: None,
                intake: vec![Intake::Webhook],
                calls: false,
                program_window: None,
                idempotency: Idempotency::None,
            },
            rate: Rate { account_per_second: 1.0, account_burst: 1, thread_per_second: 1.0, thread_burst: 1 },
            redelivers_for: std::time::Duration::from_secs(60),
            max_webhook_bytes: 1000,
        }
    }

    fn verify(&self, account: &Account, call: &WebhookCall) -> Result<(), VerifyError> {
        if self.0 == Careless::TrustsAnybody {
            return Ok(());
        }
        call.verify_secret_header("x-secret", Some(&account.token))
    }

    fn receive(&self, _account: &Account, call: &WebhookCall) -> Result<Received, ReceiveError> {
        let body: Value = call.json()?;
        let text = match (self.0, &body["text"]) {
            (_, Value::String(text)) => text.clone(),
            (Careless::PanicsOnOddInput, _) => panic!("no text"),
            (_, _) => return Err(ReceiveError { why: "no text".to_owned() }),
        };
        let count = body.as_object().map_or(0, serde_json::Map::len);
        let id = if self.0 == Careless::MindsExtraFields { format!("m{count}") } else { "m1".to_owned() };
        let key = if self.0 == Careless::HasNoKeys { "" } else { "e1" };
        let message = MessageReceived { id, text, ..MessageReceived::default() };
        let thread = inbound::direct("c1", Person { id: "c1".to_owned(), ..Person::default() });
        let event: Inbound = inbound::event(key, call.received_at, thread, Event::Message(message));
        Ok(Received::event(event))
    }

    async fn send(
        &self,
        account: &Account,
        message: &Outbound,
        _files: &Files,
        transport: &dyn Transport,
    ) -> Result<Receipt, SendError> {
        if message.text.is_empty() {
            return Err(SendError::message_invalid("it is empty"));
        }
        let token = account.token.expose_secret();
        let base = account.api_base.as_deref().unwrap_or("https://api.example");
        let url: url::Url =
            format!("{base}/{token}/send").parse().map_err(|_| SendError::account_invalid("the address"))?;
        let call = ProviderCall::post(url, "send").json(json!({"text": message.text}));
        let mut reply = transport.call(call.clone()).await?;
        if self.0 == Careless::CallsTwice
            || (self.0 == Careless::RetriesItself && reply.status.is_server_error())
        {
            reply = transport.call(call).await?;
        }
        if !reply.status.is_success() {
            let error = reply.error_of_status();
            return Err(match self.0 {
                Careless::LeaksToken => {
                    SendError::rejected("refused", format!("POST /{token}/send failed: {error}"))
                }
                _ => error,
            });
        }
        let sent: Value = reply.json()?;
        let id = sent["id"].as_str().ok_or(SendError::Unreadable { why: "no id".to_owned() })?;
        Ok(Receipt::of(id))
    }
}

fn write(folder: &Path, name: &str, case: &Value) {
    let path = folder.join(format!("{name}.json"));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, case.to_string()).unwrap();
}

fn cases() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let account = json!({"account": {"secrets": {"token": "token-of-the-example"}}, "headers": {"x-secret": "token-of-the-example"}});
    write(folder.path(), "account", &account);
    let event = json!({
        "key": "e1",
        "occurred_at": "2026-01-01T00:06:39Z",
        "thread": {"id": "c1", "contact": {"id": "c1"}},
        "message": {"id": "m1", "text": "Hi"},
    });
    write(folder.path(), "receive/text", &json!({"webhook": {"body": {"text": "Hi"}}, "events": [event]}));
    let call = json!({"method": "POST", "url": "https://api.example/<token>/send", "json": {"text": "Hi"}});
    let sent = json!({"message": {"text": "Hi"}, "replies": [{"json": {"id": "m2"}}], "calls": [call], "receipt": {"ids": ["m2"]}});
    write(folder.path(), "send/text", &sent);
    let error = json!({"code": "unreachable", "retry": "Backoff", "words": "the provider cannot be reached: the provider has a fault of its own (status 500)"});
    write(
        folder.path(),
        "send/fault",
        &json!({"message": {"text": "Hi"}, "replies": [{"status": 500, "text": ""}], "calls": [call], "error": error}),
    );
    folder
}

async fn failures(careless: Careless) -> Vec<String> {
    let folder = cases();
    let found = run_golden(&Adapted(careless), folder.path(), |_| {}).await;
    found.into_iter().map(|failure| format!("{}: {}", failure.case, failure.why)).collect()
}

#[tokio::test]
async fn a_careful_adapter_passes() {
    assert_eq!(failures(Careless::No).await, Vec::<String>::new());
    contract(&Adapted(Careless::No), &samples()).await;
}

#[tokio::test]
async fn the_runner_finds_what_a_careless_adapter_does() {
    let table = [
        (Careless::LeaksToken, "send/fault: the secret `token` shows"),
        (Careless::PanicsOnOddInput, "receive/text: panicked over"),
        (Careless::MindsExtraFields, "receive/text: unknown extra fields changed"),
        (Careless::HasNoKeys, "receive/text: keys must be given"),
        (Careless::CallsTwice, "send/text: an unexpected call"),
    ];
    for (careless, expected) in table {
        let found = failures(careless).await;
        assert!(found.iter().any(|failure| failure.starts_with(expected)), "{careless:?}: {found:#?}");
    }
}

#[tokio::test]
async fn an_unused_reply_and_a_case_without_expectation_fail() {
    let folder = cases();
    let reply = json!({"json": {"id": "m2"}});
    let call = json!({"method": "POST", "url": "https://api.example/<token>/send", "json": {"text": "Hi"}});
    let unused = json!({"message": {"text": "Hi"}, "replies": [reply, reply], "calls": [call], "receipt": {"ids": ["m2"]}});
    write(folder.path(), "send/unused", &unused);
    write(folder.path(), "receive/new", &json!({"webhook": {"body": {"text": "Hi"}}}));
    let found = run_golden(&Adapted(Careless::No), folder.path(), |_| {}).await;
    let cases: Vec<(&str, &str)> =
        found.iter().map(|failure| (failure.case.as_str(), failure.why.as_str())).collect();
    assert!(
        matches!(cases.as_slice(), [("receive/new", _), ("send/unused", "1 replies were not used")]),
        "{cases:?}"
    );
}

#[tokio::test]
#[should_panic(expected = "only the host retries")]
async fn the_contract_forbids_adapters_to_retry() {
    contract(&Adapted(Careless::RetriesItself), &samples()).await;
}

#[tokio::test]
#[should_panic(expected = "a signature with another last character must be `Wrong`")]
async fn the_contract_demands_that_signatures_are_checked() {
    contract(&Adapted(Careless::TrustsAnybody), &samples()).await;
}

#[tokio::test]
#[should_panic(expected = "shows in the error")]
async fn the_contract_finds_a_secret_in_an_error() {
    contract(&Adapted(Careless::LeaksToken), &samples()).await;
}

fn samples() -> Samples {
    let secret = "token-of-the-example";
    Samples {
        settings: json!({}),
        secrets: json!({"token": secret}),
        thread_id: "c1".to_owned(),
        accepted: Played::json(json!({"id": "m2"})),
        webhook: WebhookCall {
            method: http::Method::POST,
            path_rest: String::new(),
            query: String::new(),
            headers: [("x-secret".parse().unwrap(), secret.parse().unwrap())].into_iter().collect(),
            body: json!({"text": "Hi"}).to_string().into(),
            received_at: chrono::DateTime::from_timestamp(1_767_225_601, 0).unwrap(),
        },
        signature_header: "x-secret",
    }
}
