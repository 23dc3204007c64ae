#![doc = include_str!("../README.md")]

mod account;
mod connect;
mod errors;
mod inbound;
mod outbound;
pub mod simulator;

pub use account::Account;

use std::time::Duration;

use weft_channel::{
    Adapter, Addressees, Buttons, Capabilities, Change, Changes, ConnectContext, Connected, ContentKind,
    Descriptor, Files, Idempotency, Intake, Media, MediaStream, Outbound, Rate, Receipt, ReceiveError,
    Received, SendError, SetupError, Transport, VerifyError, WebhookCall,
};
use weft_meta_graph::{hub, messaging};

/// The adapter of the Messenger Platform.
#[derive(Clone, Copy, Debug, Default)]
pub struct Messenger;

impl Adapter for Messenger {
    type Account = Account;

    fn descriptor(&self) -> Descriptor {
        Descriptor {
            kind: "messenger",
            title: "Messenger",
            capabilities: capabilities(),
            // 300 a second would go, but the page's inbox stops working above 40
            rate: Rate {
                account_per_second: 40.0,
                account_burst: 80,
                thread_per_second: 2.0,
                thread_burst: 10,
            },
            // it comes back for about a day, but whoever fails too often is not called any more
            redelivers_for: Duration::ZERO,
            max_webhook_bytes: 3 * 1024 * 1024,
        }
    }

    fn verify(&self, account: &Account, call: &WebhookCall) -> Result<(), VerifyError> {
        hub::verify(&account.app_secret, &account.verify_token, call)
    }

    fn addressees(&self, call: &WebhookCall) -> Option<Addressees> {
        Some(messaging::addressees(call))
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

    async fn change(
        &self,
        account: &Account,
        change: &Change,
        transport: &dyn Transport,
    ) -> Result<(), SendError> {
        account.desk().react(change, transport, reaction).await
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
        _account: &Account,
        media: &Media,
        transport: &dyn Transport,
    ) -> Result<MediaStream, SendError> {
        messaging::fetch(media, transport).await
    }

    async fn typing(
        &self,
        account: &Account,
        thread_id: &str,
        transport: &dyn Transport,
    ) -> Result<(), SendError> {
        account.desk().typing(thread_id, transport).await
    }
}

/// Messenger takes any emoji by itself.
fn reaction(emoji: &str) -> Option<&str> {
    Some(emoji)
}

fn capabilities() -> Capabilities {
    use ContentKind::{Audio, File, Image, Text, Video};
    Capabilities {
        content: vec![Text, File, Image, Video, Audio],
        max_text_chars: 2000,
        max_text_bytes: None,
        captions: None,
        max_file_bytes: 25_000_000,
        buttons: Some(Buttons { max: 13, max_title_chars: 20, max_payload_bytes: 1000, urls: true }),
        reply_to: true,
        changes: Changes { edits: false, deletes: false, reactions: true },
        typing: true,
        delivered_receipts: true,
        read_receipts: true,
        // a day for everything; a week for people, where the app may say that they are people
        reply_window: Some(Duration::from_hours(7 * 24)),
        first_contact: None,
        intake: vec![Intake::Webhook],
        calls: false,
        program_window: Some(Duration::from_hours(24)),
        idempotency: Idempotency::Echo,
    }
}
