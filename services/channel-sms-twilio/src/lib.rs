#![doc = include_str!("../README.md")]

mod account;
mod address;
mod api;
mod connect;
mod inbound;
mod outbound;
pub mod simulator;
mod typing;
mod wire;

pub use account::Account;

use std::time::Duration;

use weft_channel::{
    Adapter, Capabilities, Captions, Changes, ConnectContext, Connected, ContentKind, Descriptor, Files,
    FirstContact, Idempotency, Intake, Media, MediaStream, Outbound, Rate, Receipt, ReceiveError, Received,
    SendError, SetupError, Transport, VerifyError, WebhookCall,
};

/// The adapter of Twilio's messages: SMS, MMS, and WhatsApp through Twilio.
#[derive(Clone, Copy, Debug, Default)]
pub struct SmsTwilio;

impl Adapter for SmsTwilio {
    type Account = Account;

    fn descriptor(&self) -> Descriptor {
        Descriptor {
            kind: "sms-twilio",
            title: "SMS (Twilio)",
            capabilities: capabilities(),
            // Twilio queues what a number cannot send at once; this only keeps below its limit of calls
            rate: Rate {
                account_per_second: 20.0,
                account_burst: 40,
                thread_per_second: 1.0,
                thread_burst: 5,
            },
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

    async fn typing_after(
        &self,
        account: &Account,
        thread_id: &str,
        last_message_id: Option<&str>,
        transport: &dyn Transport,
    ) -> Result<(), SendError> {
        typing::show(account, thread_id, last_message_id, transport).await
    }
}

fn capabilities() -> Capabilities {
    use ContentKind::{Audio, File, Image, Location, Text, Video};
    Capabilities {
        content: vec![Text, File, Image, Video, Audio, Location],
        max_text_chars: 1600,
        max_text_bytes: None,
        captions: Some(Captions { max_chars: 1600, on: vec![File, Image, Video] }),
        max_file_bytes: 16_000_000,
        buttons: None,
        reply_to: false,
        changes: Changes::default(),
        typing: true,
        delivered_receipts: true,
        read_receipts: true,
        // SMS has none; outside WhatsApp's the refusal says what to do
        reply_window: None,
        first_contact: Some(FirstContact::Phone),
        intake: vec![Intake::Webhook],
        calls: false,
        program_window: None,
        idempotency: Idempotency::None,
    }
}
