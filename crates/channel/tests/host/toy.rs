use std::time::Duration;

use http::{HeaderName, HeaderValue};
use schemars::JsonSchema;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use weft_auth::{Expected, PublishedKeys, TokenFault};
use weft_channel::{
    AccessToken, AccountSettings, Adapter, Addressees, Capabilities, Change, Changes, ChannelTemplate,
    ConnectContext, Connected, ContentKind, Descriptor, Event, Files, Idempotency, Inbound, Intake, Media,
    MediaStream, MessageReceived, Outbound, Person, PollContext, Polled, ProviderCall, Rate, Receipt,
    ReceiveError, Received, SendError, SetupError, Transport, VerifyError, WebhookCall, WebhookReply,
    inbound,
};
use weft_domain::{TenantId, id::ChannelId};

pub(crate) const KIND: &str = "toy";
pub(crate) const SECRET: HeaderName = HeaderName::from_static("x-toy-secret");

/// The account of a toy.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct Account {
    /// Where it is.
    #[serde(default = "api_base")]
    api_base: String,
    /// What calls to several accounts call it.
    #[serde(default)]
    id: Option<String>,
    /// What its calls carry.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    secret: Option<SecretString>,
    /// Where its keys are published, in the place of a secret.
    #[serde(default)]
    keys_at: Option<Url>,
    /// Whether messages are sent with a token.
    #[serde(default)]
    with_token: bool,
    #[serde(skip)]
    keys: PublishedKeys,
    #[serde(skip)]
    reached_at: Option<String>,
    #[serde(skip)]
    channel: Option<ChannelId>,
}

fn api_base() -> String {
    "https://toy.example".to_owned()
}

impl AccountSettings for Account {
    const SECRETS: &'static [&'static str] = &["secret"];

    fn provider_ids(&self) -> Vec<String> {
        self.id.iter().cloned().collect()
    }

    fn keys_published_at(&self) -> Option<Url> {
        self.keys_at.clone()
    }

    fn keys_are(&mut self, keys: PublishedKeys) {
        self.keys = keys;
    }

    fn belongs_to(&mut self, _tenant: TenantId, channel: ChannelId) {
        self.channel = Some(channel);
    }

    fn reached_at(&mut self, webhook_url: &str) {
        self.reached_at = Some(webhook_url.to_owned());
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Toy(pub(crate) Descriptor);

pub(crate) fn descriptor() -> Descriptor {
    Descriptor {
        kind: KIND,
        title: "Toy",
        capabilities: Capabilities {
            content: vec![ContentKind::Text, ContentKind::File],
            max_text_chars: 20,
            max_text_bytes: None,
            captions: None,
            max_file_bytes: 1_000_000,
            buttons: None,
            reply_to: true,
            changes: Changes { edits: true, deletes: true, reactions: true },
            typing: true,
            delivered_receipts: true,
            read_receipts: true,
            reply_window: None,
            first_contact: None,
            intake: vec![Intake::Webhook, Intake::Poll],
            calls: false,
            program_window: None,
            idempotency: Idempotency::None,
        },
        rate: Rate {
            account_per_second: 10_000.0,
            account_burst: 10_000,
            thread_per_second: 10_000.0,
            thread_burst: 10_000,
        },
        redelivers_for: Duration::from_secs(86_400),
        max_webhook_bytes: 64 * 1024,
    }
}

fn at(account: &Account, path: &str) -> Url {
    Url::parse(&format!("{}{path}", account.api_base)).unwrap()
}

/// What of a call is this account's, or says nothing of accounts.
fn of(account: &Account, body: &Value) -> Value {
    let is_ours = |entry: &&Value| entry["for"].as_str().is_none_or(|id| account.id.as_deref() == Some(id));
    let entries = body["events"].as_array().cloned().unwrap_or_default();
    json!({"events": entries.iter().filter(is_ours).collect::<Vec<_>>()})
}

fn events(body: &Value) -> Vec<Inbound> {
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    let entries = body["events"].as_array().cloned().unwrap_or_default();
    let event = |entry: &Value| {
        let person = Person {
            id: text(entry, "thread"),
            name: entry["name"].as_str().unwrap_or("Visitor").to_owned(),
            ..Person::default()
        };
        let message = MessageReceived {
            id: text(entry, "key"),
            text: text(entry, "text"),
            ..MessageReceived::default()
        };
        let at = chrono::DateTime::UNIX_EPOCH;
        inbound::event(
            text(entry, "key"),
            at,
            inbound::direct(text(entry, "thread"), person),
            Event::Message(message),
        )
    };
    entries.iter().map(event).collect()
}

impl Adapter for Toy {
    type Account = Account;

    fn descriptor(&self) -> Descriptor {
        self.0.clone()
    }

    fn verify(&self, account: &Account, call: &WebhookCall) -> Result<(), VerifyError> {
        if account.keys_at.is_none() {
            return call.verify_secret_header(SECRET.as_str(), account.secret.as_ref());
        }
        let token = call.header(SECRET.as_str()).ok_or(VerifyError::Missing)?;
        let expected =
            Expected { issuer: "toy", audience: "us", now: call.received_at, leeway: Duration::from_mins(5) };
        account.keys.verify::<Value>(token, &expected).map(drop).map_err(|fault| match fault {
            TokenFault::UnknownKey => VerifyError::UnknownKey,
            _ => VerifyError::Wrong,
        })
    }

    fn addressees(&self, call: &WebhookCall) -> Option<Addressees> {
        if call.method == http::Method::GET {
            return Some(Addressees::Anybody);
        }
        let body: Value = call.json().unwrap_or_default();
        let ids = body["events"].as_array().into_iter().flatten().filter_map(|entry| entry["for"].as_str());
        Some(Addressees::Called(ids.map(str::to_owned).collect()))
    }

    fn receive(&self, account: &Account, call: &WebhookCall) -> Result<Received, ReceiveError> {
        if call.method == http::Method::GET {
            let challenge = call.query_value("challenge").unwrap_or_default();
            let echo = HeaderValue::from_str(&challenge).unwrap();
            let reply = WebhookReply {
                headers: std::iter::once((SECRET, echo)).collect(),
                ..WebhookReply::text(format!("{} at {}", challenge, call.path_rest))
            };
            return Ok(Received { reply, ..Received::default() });
        }
        let body: Value = call.json()?;
        assert!(body["panic"].is_null(), "asked to panic");
        let calls = body["follow_up"].as_str().map(|path| ProviderCall::post(at(account, path), "follow"));
        Ok(Received {
            events: events(&of(account, &body)),
            reply: WebhookReply::text("took it"),
            calls: calls.into_iter().collect(),
            routes: body["route"]
                .as_str()
                .map(|to| ("thread-1".to_owned(), to.to_owned()))
                .into_iter()
                .collect(),
            account_fault: body["account_fault"].as_str().map(str::to_owned),
            templates_changed: body["templates_changed"] == true,
            ..Received::default()
        })
    }

    async fn send(
        &self,
        account: &Account,
        message: &Outbound,
        files: &Files,
        transport: &dyn Transport,
    ) -> Result<Receipt, SendError> {
        assert_ne!(message.text, "panic", "asked to panic");
        let file = message.attachments.first().map(|attachment| files.get(attachment)).transpose()?;
        let body = json!({
            "message_id": message.message_id,
            "text": message.text,
            "file_bytes": file.map(|file| file.bytes.len()),
            "file_link": message.attachments.first().and_then(|file| files.link(file).ok()).map(ToString::to_string),
        });
        let route = transport.route(&message.thread_id).await;
        let mut call =
            ProviderCall::post(at(account, &route.unwrap_or("/send".to_owned())), "send").json(body);
        if account.with_token {
            call = call.with_access_token();
        }
        let reply = transport.call(call).await?;
        match reply.status.as_u16() {
            200 => Ok(Receipt::of(reply.json::<Value>()?["id"].as_str().unwrap_or_default())),
            401 => Err(SendError::account_invalid("not with this token")),
            410 => Err(SendError::recipient_gone("they left")),
            _ => Err(reply.error_of_status()),
        }
    }

    async fn change(
        &self,
        account: &Account,
        change: &Change,
        transport: &dyn Transport,
    ) -> Result<(), SendError> {
        let is_panic = |id: &String| id == "panic";
        assert!(!change.provider_message_ids.iter().any(is_panic), "asked to panic");
        let body = json!({"ids": change.provider_message_ids, "number": change.number});
        let call = ProviderCall::post(at(account, "/change"), "change").json(body);
        let reply = transport.call(call).await?;
        if reply.status == 200 { Ok(()) } else { Err(reply.error_of_status()) }
    }

    async fn connect(
        &self,
        account: &Account,
        context: &ConnectContext,
        transport: &dyn Transport,
    ) -> Result<Connected, SetupError> {
        let secret = account.secret.as_ref().map(|secret| secret.expose_secret().to_owned());
        let value = HeaderValue::from_str(&secret.unwrap_or_default()).unwrap();
        let body = json!({"webhook_url": context.webhook_url, "reached_at": account.reached_at, "channel": account.channel});
        let call = ProviderCall::post(at(account, "/connect"), "connect").json(body).header(SECRET, value);
        let reply = transport.call(call).await.map_err(SendError::from)?;
        if reply.status != 200 {
            return Err(reply.error_of_status().into());
        }
        let answer: Value = reply.json()?;
        let made = answer["make_secret"].as_str().map(|made| ("secret".to_owned(), made.to_owned().into()));
        let polls = context.webhook_url.is_none();
        Ok(Connected {
            title: "Shop".to_owned(),
            username: Some("@shop".to_owned()),
            secrets_made: made.into_iter().collect(),
            intake: if polls { Intake::Poll } else { Intake::Webhook },
            credentials_expire_at: answer["expires_at"].as_str().map(|text| text.parse().unwrap()),
        })
    }

    async fn person(
        &self,
        account: &Account,
        id: &str,
        transport: &dyn Transport,
    ) -> Result<Option<Person>, SendError> {
        let reply =
            transport.call(ProviderCall::post(at(account, &format!("/person/{id}")), "person")).await?;
        let name = reply.json::<Value>()?["id"].as_str().map(str::to_owned);
        Ok(name.map(|name| Person { id: id.to_owned(), name, ..Person::default() }))
    }

    async fn access_token(
        &self,
        account: &Account,
        transport: &dyn Transport,
    ) -> Result<AccessToken, SendError> {
        let reply = transport.call(ProviderCall::post(at(account, "/token"), "token")).await?;
        match reply.status.as_u16() {
            200 => {
                let value = reply.json::<Value>()?["id"].as_str().unwrap_or_default().to_owned().into();
                Ok(AccessToken { value, holds_for: Duration::from_hours(1) })
            }
            _ => Err(SendError::account_invalid("the credentials are wrong")),
        }
    }

    async fn poll(
        &self,
        account: &Account,
        context: &PollContext,
        transport: &dyn Transport,
    ) -> Result<Polled, SendError> {
        let after = context.state.as_deref().unwrap_or("start");
        let secret = account.secret.as_ref().map(|secret| secret.expose_secret().to_owned());
        let value = HeaderValue::from_str(&secret.unwrap_or_default()).unwrap();
        let call = ProviderCall::get(at(account, &format!("/poll/{after}")), "poll")
            .header(http::header::AUTHORIZATION, value);
        let reply = transport.call(call).await?;
        if reply.status != 200 {
            return Err(reply.error_of_status());
        }
        let body: Value = reply.json()?;
        Ok(Polled {
            received: Received { events: events(&body), ..Received::default() },
            next_state: body["next"].as_str().map(str::to_owned),
            wait: Duration::from_millis(20),
        })
    }

    async fn templates(
        &self,
        account: &Account,
        transport: &dyn Transport,
    ) -> Result<Vec<ChannelTemplate>, SendError> {
        let reply = transport.call(ProviderCall::get(at(account, "/templates"), "templates")).await?;
        if reply.status != 200 {
            return Err(reply.error_of_status());
        }
        let body: Value = reply.json()?;
        let names = body["names"].as_array().cloned().unwrap_or_default();
        let template = |name: &Value| ChannelTemplate {
            name: name.as_str().unwrap_or_default().to_owned(),
            ..ChannelTemplate::default()
        };
        Ok(names.iter().map(template).collect())
    }

    async fn fetch_media(
        &self,
        account: &Account,
        media: &Media,
        transport: &dyn Transport,
    ) -> Result<MediaStream, SendError> {
        assert_ne!(media.reference, "panic", "asked to panic");
        let call = ProviderCall::get(at(account, &format!("/file/{}", media.reference)), "file");
        let download = transport.download(call, 1_000_000).await?;
        if download.status != 200 {
            return Err(SendError::rejected("gone", "the file is not there any more"));
        }
        Ok(MediaStream { name: None, mime: Some("text/plain".to_owned()), size: None, body: download.body })
    }

    async fn typing_after(
        &self,
        account: &Account,
        thread_id: &str,
        last_message_id: Option<&str>,
        transport: &dyn Transport,
    ) -> Result<(), SendError> {
        let path = match last_message_id {
            Some(last) => format!("/typing/{thread_id}/{last}"),
            None => format!("/typing/{thread_id}"),
        };
        transport.call(ProviderCall::post(at(account, &path), "typing")).await?;
        Ok(())
    }
}
