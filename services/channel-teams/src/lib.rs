#![doc = include_str!("../README.md")]

mod account;
mod addressees;
mod change;
mod connect;
mod connector;
mod errors;
mod inbound;
mod media;
mod outbound;
pub mod simulator;
mod token;
mod verify;
mod wire;

pub use account::Account;

use std::time::Duration;

use weft_channel::{
    AccessToken, Adapter, Addressees, Buttons, Capabilities, Change, Changes, ConnectContext, Connected,
    ContentKind, Descriptor, Files, Idempotency, Intake, Media, MediaStream, Outbound, Rate, Receipt,
    ReceiveError, Received, SendError, SetupError, Transport, VerifyError, WebhookCall,
};

/// The adapter of Microsoft Teams, as a bot of the Bot Framework.
#[derive(Clone, Copy, Debug, Default)]
pub struct Teams;

impl Adapter for Teams {
    type Account = Account;

    fn descriptor(&self) -> Descriptor {
        Descriptor {
            kind: "teams",
            title: "Microsoft Teams",
            capabilities: capabilities(),
            // 50 a second in a tenant; in a conversation 7 in one second, 60 in thirty, 1,800 in an hour
            rate: Rate {
                account_per_second: 50.0,
                account_burst: 50,
                thread_per_second: 0.5,
                thread_burst: 7,
            },
            // nobody has said that it delivers again
            redelivers_for: Duration::ZERO,
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

    async fn access_token(
        &self,
        account: &Account,
        transport: &dyn Transport,
    ) -> Result<AccessToken, SendError> {
        token::get(account, transport).await
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
    use ContentKind::{File, Image, RichText, Text};
    Capabilities {
        content: vec![Text, RichText, File, Image],
        max_text_chars: 10_000,
        // a message with all around it has 28 KB at the least
        max_text_bytes: Some(20_000),
        captions: None,
        max_file_bytes: 100_000_000,
        buttons: Some(Buttons { max: 6, max_title_chars: 80, max_payload_bytes: 2000, urls: true }),
        reply_to: true,
        changes: Changes { edits: true, deletes: true, reactions: false },
        typing: true,
        delivered_receipts: false,
        read_receipts: true,
        reply_window: None,
        first_contact: None,
        intake: vec![Intake::Webhook],
        calls: false,
        program_window: None,
        idempotency: Idempotency::None,
    }
}
