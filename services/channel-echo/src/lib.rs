#![doc = include_str!("../README.md")]

mod account;
mod errors;
mod inbound;
mod outbound;
mod wire;

pub use account::Account;

use std::time::Duration;

use weft_channel::{
    Adapter, Capabilities, Changes, ContentKind, Descriptor, Files, Idempotency, Intake, Outbound, Rate,
    Receipt, ReceiveError, Received, SendError, Transport, VerifyError, WebhookCall,
};

/// The adapter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Echo;

impl Adapter for Echo {
    type Account = Account;

    fn descriptor(&self) -> Descriptor {
        Descriptor {
            kind: "echo",
            title: "Echo",
            capabilities: Capabilities {
                content: vec![ContentKind::Text],
                max_text_chars: 1000,
                max_text_bytes: None,
                captions: None,
                max_file_bytes: 0,
                buttons: None,
                reply_to: true,
                changes: Changes::default(),
                typing: false,
                delivered_receipts: true,
                read_receipts: false,
                reply_window: None,
                first_contact: None,
                intake: vec![Intake::Webhook],
                calls: false,
                program_window: None,
                idempotency: Idempotency::Key,
            },
            rate: Rate {
                account_per_second: 50.0,
                account_burst: 50,
                thread_per_second: 5.0,
                thread_burst: 5,
            },
            redelivers_for: Duration::from_hours(24),
            max_webhook_bytes: 256 * 1024,
        }
    }

    fn verify(&self, account: &Account, call: &WebhookCall) -> Result<(), VerifyError> {
        call.verify_secret_header("x-echo-secret", Some(&account.webhook_secret))
    }

    fn receive(&self, _account: &Account, call: &WebhookCall) -> Result<Received, ReceiveError> {
        inbound::receive(&call.json()?)
    }

    async fn send(
        &self,
        account: &Account,
        message: &Outbound,
        _files: &Files,
        transport: &dyn Transport,
    ) -> Result<Receipt, SendError> {
        outbound::send(account, message, transport).await
    }
}
