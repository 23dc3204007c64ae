#![doc = include_str!("../README.md")]

mod account;
mod connect;
mod errors;
mod inbound;
mod media;
mod outbound;
pub mod simulator;
mod wire;

pub use account::Account;

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretString};
use weft_channel::{
    Adapter, Buttons, Capabilities, Changes, ConnectContext, Connected, ContentKind, Descriptor, Files,
    Idempotency, Intake, Media, MediaStream, Outbound, Rate, Receipt, ReceiveError, Received, SendError,
    SetupError, Transport, VerifyError, WebhookCall,
};
use weft_crypto::sign::hmac_sha256;

/// The header that carries the signature over the body.
const SIGNATURE_HEADER: &str = "x-line-signature";

/// The adapter of the Messaging API.
#[derive(Clone, Copy, Debug, Default)]
pub struct Line;

impl Adapter for Line {
    type Account = Account;

    fn descriptor(&self) -> Descriptor {
        Descriptor {
            kind: "line",
            title: "LINE",
            capabilities: capabilities(),
            rate: Rate {
                account_per_second: 50.0,
                account_burst: 50,
                thread_per_second: 5.0,
                thread_burst: 10,
            },
            // only for accounts that have switched it on, and for a time it does not tell
            redelivers_for: Duration::ZERO,
            max_webhook_bytes: 1024 * 1024,
        }
    }

    fn verify(&self, account: &Account, call: &WebhookCall) -> Result<(), VerifyError> {
        call.verify_secret_header(SIGNATURE_HEADER, Some(&signature(&account.channel_secret, &call.body)))
    }

    fn receive(&self, account: &Account, call: &WebhookCall) -> Result<Received, ReceiveError> {
        inbound::receive(account, &call.json()?)
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
    use ContentKind::{File, Image, Location, Text, Video};
    Capabilities {
        content: vec![Text, File, Image, Video, Location],
        // LINE takes 5,000 UTF-16 units: this leaves room for a thousand emoji
        max_text_chars: 4000,
        max_text_bytes: None,
        captions: None,
        max_file_bytes: 200_000_000,
        buttons: Some(Buttons { max: 13, max_title_chars: 20, max_payload_bytes: 300, urls: false }),
        // a quote needs a token of the message, not its id
        reply_to: false,
        changes: Changes::default(),
        typing: true,
        delivered_receipts: false,
        read_receipts: false,
        reply_window: None,
        first_contact: None,
        intake: vec![Intake::Webhook],
        calls: false,
        program_window: None,
        idempotency: Idempotency::Key,
    }
}

fn signature(channel_secret: &SecretString, body: &[u8]) -> SecretString {
    STANDARD.encode(hmac_sha256(channel_secret.expose_secret().as_bytes(), &[body])).into()
}
