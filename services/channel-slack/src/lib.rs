#![doc = include_str!("../README.md")]

mod account;
mod addressees;
mod api;
mod change;
mod connect;
mod emoji;
mod errors;
mod inbound;
mod media;
mod outbound;
mod people;
pub mod simulator;
mod verify;
mod wire;

pub use account::Account;

use std::time::Duration;

use weft_channel::{
    Adapter, Addressees, Buttons, Capabilities, Captions, Change, Changes, ConnectContext, Connected,
    ContentKind, Descriptor, Files, Idempotency, Intake, Media, MediaStream, Outbound, Person, Rate, Receipt,
    ReceiveError, Received, SendError, SetupError, Transport, VerifyError, WebhookCall,
};

/// The adapter of Slack's Events API and Web API.
#[derive(Clone, Copy, Debug, Default)]
pub struct Slack;

impl Adapter for Slack {
    type Account = Account;

    fn descriptor(&self) -> Descriptor {
        Descriptor {
            kind: "slack",
            title: "Slack",
            capabilities: capabilities(),
            // about one a second in a channel, with short bursts; several hundred a minute in a workspace
            rate: Rate {
                account_per_second: 5.0,
                account_burst: 20,
                thread_per_second: 1.0,
                thread_burst: 5,
            },
            // at once, after a minute, after five
            redelivers_for: Duration::from_mins(6),
            max_webhook_bytes: 1024 * 1024,
        }
    }

    fn verify(&self, account: &Account, call: &WebhookCall) -> Result<(), VerifyError> {
        verify::verify(account, call)
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

    async fn person(
        &self,
        account: &Account,
        id: &str,
        transport: &dyn Transport,
    ) -> Result<Option<Person>, SendError> {
        people::person(account, id, transport).await
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
    use ContentKind::{Audio, File, Image, RichText, Text, Video};
    Capabilities {
        content: vec![Text, RichText, File, Image, Video, Audio],
        max_text_chars: 4000,
        max_text_bytes: None,
        captions: Some(Captions { max_chars: 4000, on: vec![File, Image, Video, Audio] }),
        // Slack takes a gigabyte; what is sent is in memory
        max_file_bytes: 100_000_000,
        buttons: Some(Buttons { max: 25, max_title_chars: 75, max_payload_bytes: 2000, urls: true }),
        reply_to: true,
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
    }
}
