#![doc = include_str!("../README.md")]

mod account;
mod address;
mod api;
mod connect;
mod errors;
mod inbound;
mod media;
mod outbound;
mod poll;
pub mod simulator;
mod subscription;
mod token;
mod verify;
mod wire;

pub use account::{Account, Purpose};

use std::time::Duration;

use weft_channel::{
    AccessToken, Adapter, Capabilities, Captions, Changes, ConnectContext, Connected, ContentKind,
    Descriptor, Files, FirstContact, Idempotency, Intake, Media, MediaStream, Outbound, PollContext, Polled,
    Rate, Receipt, ReceiveError, Received, SendError, SetupError, Transport, VerifyError, WebhookCall,
};

/// The adapter of RingCentral: SMS, MMS, voicemail and calls of one extension.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ringcentral;

impl Adapter for Ringcentral {
    type Account = Account;

    fn descriptor(&self) -> Descriptor {
        Descriptor {
            kind: "ringcentral",
            title: "RingCentral",
            capabilities: capabilities(),
            // 40 calls a minute of this group, some of which are for files and subscriptions
            rate: Rate {
                account_per_second: 0.5,
                account_burst: 10,
                thread_per_second: 0.5,
                thread_burst: 3,
            },
            // nobody has said how often it comes again, and what is not answered with 200 switches the webhook off
            redelivers_for: Duration::ZERO,
            max_webhook_bytes: 256 * 1024,
        }
    }

    fn verify(&self, account: &Account, call: &WebhookCall) -> Result<(), VerifyError> {
        verify::verify(account, call)
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

    async fn poll(
        &self,
        account: &Account,
        context: &PollContext,
        transport: &dyn Transport,
    ) -> Result<Polled, SendError> {
        poll::poll(account, context, transport).await
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
}

fn capabilities() -> Capabilities {
    use ContentKind::{Audio, File, Image, Text, Video};
    Capabilities {
        content: vec![Text, File, Image, Video, Audio],
        max_text_chars: outbound::MAX_CHARS,
        max_text_bytes: Some(outbound::MAX_BYTES),
        captions: Some(Captions { max_chars: outbound::MAX_CAPTION, on: vec![File, Image, Video, Audio] }),
        max_file_bytes: 1_500_000,
        buttons: None,
        reply_to: false,
        changes: Changes::default(),
        typing: false,
        delivered_receipts: true,
        read_receipts: false,
        reply_window: None,
        first_contact: Some(FirstContact::Phone),
        intake: vec![Intake::Webhook, Intake::Poll],
        calls: false,
        program_window: None,
        idempotency: Idempotency::None,
    }
}
