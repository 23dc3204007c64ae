use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use serde_json::{Value, json};
use weft_bus::Bus;
use weft_channel::{
    Adapter, Buttons, Capabilities, ConnectContext, Connected, ContentKind, Descriptor, Files, Idempotency,
    Intake, Outbound, Rate, Receipt, ReceiveError, Received, SendError, SetupError, Transport, VerifyError,
    WebhookCall, make_secret,
};

use crate::{Account, room::Room, shown};

/// The word of this channel.
pub(crate) const KIND: &str = "webchat";

/// The adapter: here we are the provider ourselves, and the bus is the way to the visitors' sockets.
#[derive(Clone, Debug)]
pub struct Webchat {
    bus: Bus,
}

impl Webchat {
    /// An adapter that reaches visitors over this bus.
    pub fn new(bus: Bus) -> Self {
        Self { bus }
    }

    /// Tells all sockets of a visitor; those that are away look into the history when they come back.
    pub(crate) async fn tell(&self, room: &Room, frame: &Value) -> weft_domain::Result<()> {
        self.bus.publish_live(&room.subject()?, Bytes::from(frame.to_string())).await
    }
}

/// What the web chat is and can do.
pub fn descriptor() -> Descriptor {
    Descriptor {
        kind: KIND,
        title: "Web chat",
        capabilities: capabilities(),
        rate: Rate {
            account_per_second: 200.0,
            account_burst: 400,
            thread_per_second: 10.0,
            thread_burst: 20,
        },
        redelivers_for: Duration::ZERO,
        max_webhook_bytes: 1024,
    }
}

impl Adapter for Webchat {
    type Account = Account;

    fn descriptor(&self) -> Descriptor {
        descriptor()
    }

    /// Nobody calls our webhook: visitors have addresses of their own.
    fn verify(&self, _account: &Account, _call: &WebhookCall) -> Result<(), VerifyError> {
        Err(VerifyError::NoSecret)
    }

    fn receive(&self, _account: &Account, _call: &WebhookCall) -> Result<Received, ReceiveError> {
        Err(ReceiveError { why: "the web chat has no webhook".to_owned() })
    }

    async fn send(
        &self,
        _account: &Account,
        message: &Outbound,
        _files: &Files,
        _transport: &dyn Transport,
    ) -> Result<Receipt, SendError> {
        if message.text.is_empty() {
            return Err(SendError::message_invalid("it is empty"));
        }
        let room = room_of(&message.thread_id)?;
        let shown = shown::outbound(&room, message).map_err(not_told)?;
        self.tell(&room, &json!({"type": "message", "message": shown})).await.map_err(not_told)?;
        Ok(Receipt::of(&message.message_id))
    }

    async fn connect(
        &self,
        account: &Account,
        _context: &ConnectContext,
        _transport: &dyn Transport,
    ) -> Result<Connected, SetupError> {
        let mut secrets_made = BTreeMap::new();
        if account.session_secret.is_none() {
            secrets_made.insert("session_secret".to_owned(), make_secret());
        }
        Ok(Connected { title: "Web chat".to_owned(), secrets_made, ..Connected::default() })
    }

    async fn typing(
        &self,
        _account: &Account,
        thread_id: &str,
        _transport: &dyn Transport,
    ) -> Result<(), SendError> {
        self.tell(&room_of(thread_id)?, &json!({"type": "typing"})).await.map_err(not_told)
    }
}

fn room_of(thread_id: &str) -> Result<Room, SendError> {
    thread_id.parse().map_err(|_| SendError::message_invalid("its thread is none of the web chat's"))
}

fn not_told(error: weft_domain::Error) -> SendError {
    SendError::unreachable(error.message())
}

fn capabilities() -> Capabilities {
    Capabilities {
        content: &[ContentKind::Text],
        // as long as a message of an agent may be, so that none is split
        max_text_chars: 20_000,
        max_text_bytes: None,
        captions: None,
        max_file_bytes: 0,
        buttons: Some(Buttons { max: 20, max_title_chars: 64, max_payload_bytes: 4_000, urls: true }),
        reply_to: false,
        typing: true,
        delivered_receipts: true,
        read_receipts: true,
        reply_window: None,
        intake: &[Intake::Webhook],
        idempotency: Idempotency::Key,
    }
}
