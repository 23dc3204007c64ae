#![doc = include_str!("../README.md")]

mod account;
mod compose;
mod connect;
mod errors;
mod gmail;
mod imap;
mod inbound;
mod line;
mod mail;
mod mailbox;
mod media;
mod migration;
mod oauth;
mod outbound;
mod report;
mod sessions;
pub mod simulator;
mod smtp;
mod store;
mod sync;
mod thread;
mod token;

pub use account::{Account, Auth, Mode, Owner, ReplyTo, Tls};
pub use migration::Migrator;

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use rustls::RootCertStore;
use tokio::sync::{Semaphore, SemaphorePermit};
use weft_channel::{
    AccessToken, Adapter, Capabilities, Captions, Changes, ConnectContext, Connected, ContentKind,
    Descriptor, Files, FirstContact, Idempotency, Intake, Media, MediaStream, Outbound, PollContext, Polled,
    Rate, Receipt, ReceiveError, Received, SendError, SetupError, Transport, VerifyError, WebhookCall,
};
use weft_domain::Clock;
use weft_store::Store;

use gmail::Pushes;
use oauth::Tokens;
use sessions::{Sessions, Tries};
use store::Records;

/// Mails are kept for as long as their files are being fetched.
const KEEP_MAILS: Duration = Duration::from_secs(60);
/// For all accounts together: reading a mail takes a few times its size.
const ROOM: usize = 40;
const KEEP_BYTES: u64 = 96 * 1024 * 1024;

/// The adapter of mailboxes.
pub struct Email {
    records: Records,
    roots: Arc<RootCertStore>,
    sessions: Sessions,
    tries: Tries,
    tokens: Tokens,
    pushes: Pushes,
    mails: moka::future::Cache<String, Bytes>,
    /// Megabytes of mail that are read at once.
    room: Semaphore,
    clock: Arc<dyn Clock>,
}

impl Email {
    /// Makes an adapter that notes in `store`, which has been migrated, what it has seen.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        let weigh = |_: &String, raw: &Bytes| u32::try_from(raw.len()).unwrap_or(u32::MAX);
        Self {
            records: Records::new(store),
            roots: line::system_roots(),
            sessions: Sessions::default(),
            tries: Tries::default(),
            tokens: Tokens::default(),
            pushes: Pushes::default(),
            mails: moka::future::Cache::builder()
                .weigher(weigh)
                .max_capacity(KEEP_BYTES)
                .time_to_live(KEEP_MAILS)
                .build(),
            room: Semaphore::new(ROOM),
            clock,
        }
    }
}

impl Email {
    /// Room for so many bytes of mail, once others have gone.
    async fn room_for(&self, bytes: u32) -> Option<SemaphorePermit<'_>> {
        let megabytes = (bytes / 1_000_000).saturating_add(1);
        // never closed, and no mail is larger
        self.room.acquire_many(megabytes).await.ok()
    }
}

/// What e-mail is and can do.
pub fn descriptor() -> Descriptor {
    Descriptor {
        kind: "email",
        title: "E-mail",
        capabilities: capabilities(),
        // the strictest of the large services takes 30 mails a minute
        rate: Rate { account_per_second: 0.5, account_burst: 20, thread_per_second: 0.5, thread_burst: 5 },
        // a mailbox keeps what was not read
        redelivers_for: Duration::from_hours(24 * 30),
        max_webhook_bytes: 16 * 1024,
    }
}

impl Adapter for Email {
    type Account = Account;

    fn descriptor(&self) -> Descriptor {
        descriptor()
    }

    fn verify(&self, account: &Account, call: &WebhookCall) -> Result<(), VerifyError> {
        gmail::verify(account, call)
    }

    fn receive(&self, account: &Account, call: &WebhookCall) -> Result<Received, ReceiveError> {
        gmail::receive(&self.pushes, account, call)
    }

    async fn send(
        &self,
        account: &Account,
        message: &Outbound,
        files: &Files,
        transport: &dyn Transport,
    ) -> Result<Receipt, SendError> {
        outbound::send(self, account, message, files, transport).await
    }

    async fn connect(
        &self,
        account: &Account,
        _context: &ConnectContext,
        transport: &dyn Transport,
    ) -> Result<Connected, SetupError> {
        connect::connect(self, account, transport).await
    }

    async fn poll(
        &self,
        account: &Account,
        context: &PollContext,
        transport: &dyn Transport,
    ) -> Result<Polled, SendError> {
        sync::poll(self, account, context, transport).await
    }

    async fn access_token(
        &self,
        account: &Account,
        transport: &dyn Transport,
    ) -> Result<AccessToken, SendError> {
        oauth::refresh(account, transport).await
    }

    async fn fetch_media(
        &self,
        account: &Account,
        media: &Media,
        transport: &dyn Transport,
    ) -> Result<MediaStream, SendError> {
        media::fetch(self, account, media, transport).await
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Email").finish_non_exhaustive()
    }
}

fn capabilities() -> Capabilities {
    use ContentKind::{Audio, Bundle, File, Image, RichText, Text, Video};
    const TEXT: usize = 100_000;
    Capabilities {
        content: vec![Text, RichText, File, Image, Video, Audio, Bundle],
        max_text_chars: TEXT,
        max_text_bytes: None,
        captions: Some(Captions { max_chars: TEXT, on: vec![File, Image, Video, Audio] }),
        max_file_bytes: 18_000_000,
        buttons: None,
        reply_to: true,
        changes: Changes::default(),
        typing: false,
        delivered_receipts: false,
        read_receipts: false,
        reply_window: None,
        first_contact: Some(FirstContact::Email),
        intake: vec![Intake::Poll, Intake::Webhook],
        calls: false,
        program_window: None,
        idempotency: Idempotency::Echo,
    }
}
