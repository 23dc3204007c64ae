#![doc = include_str!("../README.md")]

mod account;
mod connect;
mod inbound;
mod menu;
mod outbound;
mod place;
pub mod simulator;
mod twiml;

pub use account::Account;
pub use menu::{Choice, Step};

use std::time::Duration;

use weft_channel::{
    Adapter, Capabilities, Changes, ConnectContext, Connected, ContentKind, Descriptor, Files, Idempotency,
    Intake, Media, MediaStream, Outbound, Rate, Receipt, ReceiveError, Received, SendError, SetupError,
    Transport, VerifyError, WebhookCall,
};

/// The adapter of Twilio's telephone calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct VoiceTwilio;

impl Adapter for VoiceTwilio {
    type Account = Account;

    fn descriptor(&self) -> Descriptor {
        Descriptor {
            kind: "voice-twilio",
            title: "Calls (Twilio)",
            capabilities: capabilities(),
            // an account starts one call a second unless more was agreed
            rate: Rate { account_per_second: 1.0, account_burst: 5, thread_per_second: 0.1, thread_burst: 1 },
            // one retry, and only when it could not connect
            redelivers_for: Duration::from_secs(15),
            max_webhook_bytes: 64 * 1024,
        }
    }

    fn verify(&self, account: &Account, call: &WebhookCall) -> Result<(), VerifyError> {
        let tokens = std::iter::once(&account.auth_token).chain(&account.secondary_auth_token);
        weft_twilio::verify(account.webhook_url.as_ref(), tokens, call)
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
        weft_twilio::fetch(&account.access(), media, transport).await
    }
}

fn capabilities() -> Capabilities {
    use ContentKind::{Audio, Text, Voice};
    Capabilities {
        content: vec![Text, Audio, Voice],
        // with the rest of the call's script it has to be below 4,000
        max_text_chars: 1500,
        max_text_bytes: None,
        captions: None,
        max_file_bytes: 16_000_000,
        buttons: None,
        reply_to: false,
        changes: Changes::default(),
        typing: false,
        delivered_receipts: true,
        read_receipts: false,
        reply_window: None,
        first_contact: None,
        intake: vec![Intake::Webhook],
        calls: true,
        program_window: None,
        idempotency: Idempotency::None,
    }
}
