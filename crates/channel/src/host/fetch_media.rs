use std::{sync::Arc, time::Duration};

use backon::BackoffBuilder as _;
use bytes::Bytes;
use futures::{
    FutureExt as _, StreamExt as _,
    stream::{self, BoxStream},
};
use thiserror::Error as ThisError;
use tokio::{
    sync::oneshot,
    time::{sleep, timeout},
};
use weft_domain::{
    Result,
    id::{self, ChannelId},
};
use weft_proto::{
    channel::v1::{FetchMedia, MediaFetched, Order, inbound::Event},
    media::v1::{File as StoredFile, StoreFileHead, StoreFilePart, store_file_part},
};

use super::{
    account_cache::Absent,
    backoff,
    core::Core,
    envelope::digest,
    file_store::{data_part, last_part},
    live_account::LiveAccount,
};
use crate::{Adapter, BodyStream, Media, Retry, SendError, TransportError};

const OPEN: Duration = Duration::from_secs(30);
/// Between two chunks of a provider's file.
const SILENCE: Duration = Duration::from_secs(20);
const TRIES: usize = 3;
const PART: usize = 256 * 1024;

/// Why a provider's file is not in our store.
#[derive(Debug, ThisError)]
pub(super) enum FetchError {
    #[error("{0}")]
    Provider(SendError),
    #[error("the file is larger than {} MB", .0 / 1_000_000)]
    TooLarge(u64),
    #[error("the connection to the provider broke: {0}")]
    Broken(String),
    #[error("{}", .0.message())]
    Store(weft_domain::Error),
}

impl FetchError {
    fn may_work_later(&self) -> bool {
        match self {
            Self::Provider(SendError::Unreadable { .. }) | Self::TooLarge(_) => false,
            Self::Provider(error) => error.retry() != Retry::Never,
            Self::Broken(_) => true,
            Self::Store(error) => error.code().is_ours(),
        }
    }
}

impl<A: Adapter> Core<A> {
    /// Brings a provider's file into our store and says where it is, or why it is not.
    pub(crate) async fn fetch_media(
        self: &Arc<Self>,
        order: &Order,
        fetch: &FetchMedia,
        order_id: &str,
    ) -> Result<()> {
        let fetched = match self.fetch(order, fetch).await {
            Ok(file) => MediaFetched {
                file_id: file.id,
                mime: file.mime,
                size: file.size,
                name: file.name,
                ..of(fetch)
            },
            Err(why) => {
                tracing::info!(message.id = fetch.message_id, why, "a provider's file could not be had");
                MediaFetched { reason: why, ..of(fetch) }
            }
        };
        self.tell_fetched(order, fetch, order_id, fetched).await
    }

    /// The adapter panicked: the file cannot be had.
    pub(crate) async fn report_fetch_panic(
        self: &Arc<Self>,
        order: &Order,
        fetch: &FetchMedia,
        order_id: &str,
    ) -> Result<()> {
        tracing::error!(message.id = fetch.message_id, "the adapter panicked while fetching a file");
        let fetched =
            MediaFetched { reason: "fetching it ended with a fault of ours".to_owned(), ..of(fetch) };
        self.tell_fetched(order, fetch, order_id, fetched).await
    }

    async fn tell_fetched(
        &self,
        order: &Order,
        fetch: &FetchMedia,
        order_id: &str,
        fetched: MediaFetched,
    ) -> Result<()> {
        let id = format!("media:{order_id}");
        self.tell(order, &fetch.thread_id, id, Event::MediaFetched(fetched)).await
    }

    async fn fetch(&self, order: &Order, fetch: &FetchMedia) -> Result<StoredFile, String> {
        let Some(media) = &fetch.media else { return Err("the order names no file".to_owned()) };
        let gone = || "the channel was disconnected".to_owned();
        let channel = id::parse_lookup(&order.channel_id).map_err(|_| gone())?;
        let account = self.account_patiently(&channel).await.map_err(|absent| absent.to_string())?;
        if account.tenant_id.to_string() != order.tenant_id {
            return Err(gone());
        }
        let lane = self.lanes.of(&format!("{}:media", order.channel_id)).await;
        let Some(_place) = lane.enter().await else {
            return Err("too many files of this channel are waiting".to_owned());
        };
        let mut waits = backoff::few_times(TRIES - 1).build();
        loop {
            let error = match self.fetch_once(&account, media).boxed().await {
                Ok(file) => return Ok(file),
                Err(error) => error,
            };
            let wait = waits.next().filter(|_| error.may_work_later()).ok_or_else(|| error.to_string())?;
            sleep(wait).await;
        }
    }

    async fn account_patiently(&self, channel: &ChannelId) -> Result<Arc<LiveAccount<A::Account>>, Absent> {
        let mut waits = backoff::few_times(5).build();
        loop {
            let absent = match self.accounts.get(channel).await {
                Err(absent @ Absent::Unavailable(_)) => absent,
                found => return found,
            };
            sleep(waits.next().ok_or(absent)?).await;
        }
    }

    async fn fetch_once(
        &self,
        account: &LiveAccount<A::Account>,
        media: &Media,
    ) -> Result<StoredFile, FetchError> {
        let most = self.config.max_media_bytes;
        if media.size > most {
            return Err(FetchError::TooLarge(most));
        }
        let transport = self.transport(account, "file");
        let span = weft_telemetry::span::provider_call(self.descriptor.kind, "fetch_media");
        let open = self.adapter.fetch_media(&account.settings, media, &transport).boxed();
        let opened = tracing::Instrument::instrument(timeout(OPEN, open), span).await;
        let opened = opened.unwrap_or_else(|_| Err(SendError::unreachable("it did not answer in time")));
        let file = opened.map_err(FetchError::Provider)?;
        if file.size.is_some_and(|size| size > most) {
            return Err(FetchError::TooLarge(most));
        }
        let head = StoreFileHead {
            tenant_id: account.tenant_id.to_string(),
            name: file.name.unwrap_or_else(|| media.name.clone()),
            declared_mime: file.mime.unwrap_or_else(|| media.mime.clone()),
            key: key(account, media),
            accept: Vec::new(),
        };
        self.store_file(head, file.body, most).await
    }

    /// Streams a file of at most `most` bytes into the store.
    pub(super) async fn store_file(
        &self,
        head: StoreFileHead,
        body: BodyStream,
        most: u64,
    ) -> Result<StoredFile, FetchError> {
        let (parts, mut fault) = Parts::stream(head, body, most);
        let stored = self.files.store(parts).await;
        match fault.try_recv() {
            Ok(fault) => Err(fault),
            Err(_) => stored.map_err(FetchError::Store),
        }
    }
}

/// A provider's file on its way into the store.
struct Parts {
    body: BodyStream,
    left: u64,
    most: u64,
    fault: Option<oneshot::Sender<FetchError>>,
}

impl Parts {
    /// The parts, and what tells why they will not come to an end.
    fn stream(
        head: StoreFileHead,
        body: BodyStream,
        most: u64,
    ) -> (BoxStream<'static, StoreFilePart>, oneshot::Receiver<FetchError>) {
        let (tell, fault) = oneshot::channel();
        let all = Self { body, left: most, most, fault: Some(tell) };
        let head = StoreFilePart { part: Some(store_file_part::Part::Head(head)) };
        let parts = stream::unfold(all, |mut parts| async move {
            let next = parts.next().await?;
            Some((next, parts))
        });
        (stream::iter([head]).chain(parts.flat_map(stream::iter)).boxed(), fault)
    }

    /// What comes next: bytes, and the last part after all of them; nothing after that or a fault.
    async fn next(&mut self) -> Option<Vec<StoreFilePart>> {
        self.fault.as_ref()?;
        let fault = match timeout(SILENCE, self.body.next()).await {
            Ok(None) => {
                self.fault = None;
                return Some(vec![last_part(self.most - self.left)]);
            }
            Ok(Some(Ok(chunk))) => {
                let size = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
                if size <= self.left {
                    self.left -= size;
                    return Some(split(chunk));
                }
                FetchError::TooLarge(self.most)
            }
            Ok(Some(Err(TransportError::TooLarge))) => FetchError::TooLarge(self.most),
            Ok(Some(Err(error))) => FetchError::Broken(error.to_string()),
            Err(_) => FetchError::Broken("it went silent".to_owned()),
        };
        drop(self.fault.take()?.send(fault));
        None
    }
}

fn split(mut chunk: Bytes) -> Vec<StoreFilePart> {
    let mut parts = Vec::new();
    while !chunk.is_empty() {
        parts.push(data_part(chunk.split_to(chunk.len().min(PART))));
    }
    parts
}

/// The same file of one channel is stored once.
pub(super) fn key<S>(account: &LiveAccount<S>, media: &Media) -> String {
    let file =
        if media.unique_id.is_empty() { digest(media.reference.as_bytes()) } else { media.unique_id.clone() };
    format!("{}:{file}", account.channel_id)
}

fn of(fetch: &FetchMedia) -> MediaFetched {
    MediaFetched { message_id: fetch.message_id.clone(), index: fetch.index, ..MediaFetched::default() }
}
