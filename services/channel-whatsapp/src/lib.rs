#![doc = include_str!("../README.md")]

mod account;
mod addressees;
mod api;
mod change;
mod connect;
mod errors;
mod inbound;
mod media;
mod outbound;
mod signs;
pub mod simulator;
mod templates;
mod wire;

pub use account::Account;

use std::time::Duration;

use weft_channel::{
    Adapter, Addressees, Buttons, Capabilities, Captions, Change, Changes, ChannelTemplate, ConnectContext,
    Connected, ContentKind, Descriptor, Files, FirstContact, Idempotency, Intake, Media, MediaStream,
    Outbound, Rate, Receipt, ReceiveError, Received, SendError, SetupError, Transport, VerifyError,
    WebhookCall,
};
use weft_meta_graph::hub;

/// The adapter of the Cloud API.
#[derive(Clone, Copy, Debug, Default)]
pub struct Whatsapp;

impl Adapter for Whatsapp {
    type Account = Account;

    fn descriptor(&self) -> Descriptor {
        Descriptor {
            kind: "whatsapp",
            title: "WhatsApp",
            capabilities: capabilities(),
            // 80 a second, both ways together; one in six seconds to the same person, with bursts of 45
            rate: Rate {
                account_per_second: 60.0,
                account_burst: 60,
                thread_per_second: 1.0 / 6.0,
                thread_burst: 40,
            },
            redelivers_for: Duration::from_hours(7 * 24),
            max_webhook_bytes: 3 * 1024 * 1024,
        }
    }

    fn verify(&self, account: &Account, call: &WebhookCall) -> Result<(), VerifyError> {
        hub::verify(&account.app_secret, &account.verify_token, call)
    }

    fn addressees(&self, call: &WebhookCall) -> Option<Addressees> {
        Some(addressees::addressees(call))
    }

    fn receive(&self, account: &Account, call: &WebhookCall) -> Result<Received, ReceiveError> {
        inbound::receive(account, call)
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

    async fn typing_after(
        &self,
        account: &Account,
        _thread_id: &str,
        last_message_id: Option<&str>,
        transport: &dyn Transport,
    ) -> Result<(), SendError> {
        signs::typing(account, last_message_id, transport).await
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

    async fn templates(
        &self,
        account: &Account,
        transport: &dyn Transport,
    ) -> Result<Vec<ChannelTemplate>, SendError> {
        templates::list(account, transport).await
    }

    async fn fetch_media(
        &self,
        account: &Account,
        media: &Media,
        transport: &dyn Transport,
    ) -> Result<MediaStream, SendError> {
        media::fetch(account, media, transport).await
    }
}

fn capabilities() -> Capabilities {
    use ContentKind::{
        Audio, ContactCard, File, Image, Location, Products, RichText, Sticker, Template, Text, Video, Voice,
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
            Template,
            Products,
        ],
        max_text_chars: 4096,
        max_text_bytes: None,
        captions: Some(Captions { max_chars: 1024, on: vec![File, Image, Video] }),
        max_file_bytes: 100_000_000,
        // up to three stand under the message, up to ten in a list
        buttons: Some(Buttons { max: 10, max_title_chars: 24, max_payload_bytes: 200, urls: true }),
        reply_to: true,
        changes: Changes { edits: false, deletes: false, reactions: true },
        typing: true,
        delivered_receipts: true,
        read_receipts: true,
        reply_window: Some(Duration::from_hours(24)),
        first_contact: Some(FirstContact::PhoneDigits),
        intake: vec![Intake::Webhook],
        calls: false,
        program_window: None,
        idempotency: Idempotency::Echo,
    }
}
