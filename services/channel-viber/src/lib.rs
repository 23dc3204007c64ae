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

use secrecy::{ExposeSecret as _, SecretString};
use weft_channel::{
    Adapter, Buttons, Capabilities, Changes, ConnectContext, Connected, ContentKind, Descriptor, Files,
    Idempotency, Intake, Media, MediaStream, Outbound, Rate, Receipt, ReceiveError, Received, SendError,
    SetupError, Transport, VerifyError, WebhookCall,
};
use weft_crypto::sign::hmac_sha256;

/// The header that carries the signature over the body.
const SIGNATURE_HEADER: &str = "x-viber-content-signature";

/// The adapter of Viber's REST API for bots.
#[derive(Clone, Copy, Debug, Default)]
pub struct Viber;

impl Adapter for Viber {
    type Account = Account;

    fn descriptor(&self) -> Descriptor {
        Descriptor {
            kind: "viber",
            title: "Viber",
            capabilities: capabilities(),
            rate: Rate {
                account_per_second: 20.0,
                account_burst: 20,
                thread_per_second: 2.0,
                thread_burst: 5,
            },
            // it comes back, but does not promise for how long
            redelivers_for: Duration::ZERO,
            max_webhook_bytes: 256 * 1024,
        }
    }

    fn verify(&self, account: &Account, call: &WebhookCall) -> Result<(), VerifyError> {
        call.verify_secret_header(SIGNATURE_HEADER, Some(&signature(&account.auth_token, &call.body)))
    }

    fn receive(&self, _account: &Account, call: &WebhookCall) -> Result<Received, ReceiveError> {
        inbound::receive(&call.json()?)
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
        _account: &Account,
        media: &Media,
        transport: &dyn Transport,
    ) -> Result<MediaStream, SendError> {
        media::fetch(media, transport).await
    }
}

fn capabilities() -> Capabilities {
    use ContentKind::{ContactCard, File, Image, Location, Text, Video};
    Capabilities {
        content: vec![Text, File, Image, Video, Location, ContactCard],
        max_text_chars: 7000,
        max_text_bytes: None,
        // of pictures only some take a text, and which is known too late
        captions: None,
        max_file_bytes: 50_000_000,
        buttons: Some(Buttons { max: 12, max_title_chars: 40, max_payload_bytes: 250, urls: false }),
        reply_to: false,
        changes: Changes::default(),
        typing: false,
        delivered_receipts: true,
        read_receipts: true,
        reply_window: None,
        first_contact: None,
        intake: vec![Intake::Webhook],
        calls: false,
        program_window: None,
        idempotency: Idempotency::None,
    }
}

fn signature(auth_token: &SecretString, body: &[u8]) -> SecretString {
    hex::encode(hmac_sha256(auth_token.expose_secret().as_bytes(), &[body])).into()
}
