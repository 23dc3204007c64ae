#![doc = include_str!("../README.md")]

mod account;
mod api;
mod change;
mod connect;
mod errors;
mod inbound;
mod media;
mod outbound;
mod poll;
pub mod simulator;
mod wire;

pub use account::{Account, Mode};

use std::time::Duration;

use weft_channel::{
    Adapter, Buttons, Capabilities, Captions, Change, Changes, ConnectContext, Connected, ContentKind,
    Descriptor, Files, Idempotency, Intake, Media, MediaStream, Outbound, PollContext, Polled, Rate, Receipt,
    ReceiveError, Received, SendError, SetupError, Transport, VerifyError, WebhookCall,
};

/// The header that carries the account's secret.
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// The adapter of the Bot API.
#[derive(Clone, Copy, Debug, Default)]
pub struct Telegram;

impl Adapter for Telegram {
    type Account = Account;

    fn descriptor(&self) -> Descriptor {
        Descriptor {
            kind: "telegram",
            title: "Telegram",
            capabilities: capabilities(),
            // 30 a second is for bulk; a person's chat takes about one a second with short bursts
            rate: Rate {
                account_per_second: 25.0,
                account_burst: 25,
                thread_per_second: 1.0,
                thread_burst: 3,
            },
            redelivers_for: Duration::from_hours(24),
            max_webhook_bytes: 1024 * 1024,
        }
    }

    fn verify(&self, account: &Account, call: &WebhookCall) -> Result<(), VerifyError> {
        call.verify_secret_header(SECRET_HEADER, account.webhook_secret.as_ref())
    }

    fn receive(&self, account: &Account, call: &WebhookCall) -> Result<Received, ReceiveError> {
        inbound::receive(account, &call.json()?, call.received_at)
    }

    async fn send(
        &self,
        account: &Account,
        message: &Outbound,
        files: &Files,
        transport: &dyn Transport,
    ) -> Result<Receipt, SendError> {
        outbound::send(account, message, files, transport).await
    }

    async fn change(
        &self,
        account: &Account,
        change: &Change,
        transport: &dyn Transport,
    ) -> Result<(), SendError> {
        change::change(account, change, transport).await
    }

    async fn connect(
        &self,
        account: &Account,
        context: &ConnectContext,
        transport: &dyn Transport,
    ) -> Result<Connected, SetupError> {
        connect::connect(account, context, transport).await
    }

    async fn poll(
        &self,
        account: &Account,
        context: &PollContext,
        transport: &dyn Transport,
    ) -> Result<Polled, SendError> {
        poll::poll(account, context, transport).await
    }

    async fn fetch_media(
        &self,
        account: &Account,
        media: &Media,
        transport: &dyn Transport,
    ) -> Result<MediaStream, SendError> {
        media::fetch(account, media, transport).await
    }

    async fn typing(
        &self,
        account: &Account,
        thread_id: &str,
        transport: &dyn Transport,
    ) -> Result<(), SendError> {
        outbound::typing(account, thread_id, transport).await
    }
}

fn capabilities() -> Capabilities {
    use ContentKind::{Audio, ContactCard, File, Image, Location, RichText, Sticker, Text, Video, Voice};
    Capabilities {
        content: vec![Text, RichText, File, Image, Video, Audio, Voice, Sticker, Location, ContactCard],
        max_text_chars: 4096,
        max_text_bytes: None,
        captions: Some(Captions { max_chars: 1024, on: vec![File, Image, Video, Audio, Voice] }),
        max_file_bytes: 50_000_000,
        buttons: Some(Buttons { max: 100, max_title_chars: 64, max_payload_bytes: 64, urls: true }),
        reply_to: true,
        changes: Changes { edits: true, deletes: true, reactions: true },
        typing: true,
        delivered_receipts: false,
        read_receipts: false,
        reply_window: None,
        first_contact: None,
        intake: vec![Intake::Webhook, Intake::Poll],
        calls: false,
        program_window: None,
        idempotency: Idempotency::None,
    }
}
