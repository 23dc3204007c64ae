use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use weft_bus::Bus;
use weft_channel::{
    Adapter, Buttons, Capabilities, Captions, Change, Changes, ConnectContext, Connected, ContentKind,
    Descriptor, Files, Idempotency, Intake, Media, MediaStream, Outbound, Rate, Receipt, ReceiveError,
    Received, SendError, SetupError, Transport, VerifyError, WebhookCall, change::Change as What,
    make_secret,
};
use weft_domain::Clock;
use weft_proto::json::message_to_value;

use crate::{Account, room::Room, shown::Eye};

/// The word of this channel.
pub(crate) const KIND: &str = "webchat";
const MAX_TEXT_CHARS: usize = 20_000;

/// The adapter: here we are the provider ourselves, and the bus is the way to the visitors' sockets.
#[derive(Clone, Debug)]
pub struct Webchat {
    bus: Bus,
    clock: Arc<dyn Clock>,
}

impl Webchat {
    /// An adapter that reaches visitors over this bus.
    pub fn new(bus: Bus, clock: Arc<dyn Clock>) -> Self {
        Self { bus, clock }
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
        account: &Account,
        message: &Outbound,
        files: &Files,
        _transport: &dyn Transport,
    ) -> Result<Receipt, SendError> {
        let room = room_of(&message.thread_id)?;
        for file in &message.attachments {
            files.get(file)?;
        }
        let key =
            account.session_key().ok_or_else(|| SendError::unreachable("the channel is being connected"))?;
        let eye = Eye { room: &room, key: &key, now: self.clock.now(), read_seq: 0 };
        let shown = eye.outbound(message).map_err(not_told)?;
        self.tell(&room, &json!({"type": "message", "message": shown})).await.map_err(not_told)?;
        Ok(Receipt::of(&message.message_id))
    }

    async fn change(
        &self,
        _account: &Account,
        change: &Change,
        _transport: &dyn Transport,
    ) -> Result<(), SendError> {
        let id = &change.message_id;
        let frame = match &change.change {
            Some(What::Edit(edit)) => {
                let rich = edit.rich.as_ref().map(message_to_value).transpose().map_err(not_told)?;
                json!({"type": "message_edited", "id": id, "text": edit.text, "rich": rich})
            }
            Some(What::Delete(())) => json!({"type": "message_deleted", "id": id}),
            Some(What::React(react)) => json!({"type": "reactions", "id": id, "emojis": react.emojis}),
            None => return Err(SendError::unsupported("such a change")),
        };
        self.tell(&room_of(&change.thread_id)?, &frame).await.map_err(not_told)
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

    /// The file was kept before its message came: what the host asks the store for is there, and no byte of it is needed.
    async fn fetch_media(
        &self,
        _account: &Account,
        media: &Media,
        _transport: &dyn Transport,
    ) -> Result<MediaStream, SendError> {
        let (name, mime) = (Some(media.name.clone()), Some(media.mime.clone()));
        Ok(MediaStream { name, mime, size: Some(media.size), body: stream::empty().boxed() })
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
    use ContentKind::{
        Audio, Bundle, ContactCard, File, Image, Location, RichText, Sticker, Text, Video, Voice,
    };
    Capabilities {
        content: vec![
            Text,
            RichText,
            File,
            Image,
            Video,
            Audio,
            Voice,
            Sticker,
            Location,
            ContactCard,
            Bundle,
        ],
        // as long as a message of an agent may be, so that none is split
        max_text_chars: MAX_TEXT_CHARS,
        max_text_bytes: None,
        captions: Some(Captions {
            max_chars: MAX_TEXT_CHARS,
            on: vec![File, Image, Video, Audio, Voice, Sticker],
        }),
        max_file_bytes: 50_000_000,
        buttons: Some(Buttons { max: 20, max_title_chars: 64, max_payload_bytes: 4_000, urls: true }),
        reply_to: false,
        changes: Changes { edits: true, deletes: true, reactions: true },
        typing: true,
        delivered_receipts: true,
        read_receipts: true,
        reply_window: None,
        first_contact: None,
        intake: vec![Intake::Webhook],
        calls: false,
        program_window: None,
        idempotency: Idempotency::Key,
    }
}
