use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use reqwest::redirect::Policy;
use tracing::Instrument;

use crate::{
    Download, Error, Lookup, Request, Response, Settings,
    exchange::exchange,
    guard::Guard,
    metering,
    observe::Observation,
    resolver::{self, GuardedResolver},
};

/// Makes calls to the outside: guarded, timed, bounded. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    inner: reqwest::Client,
    pub(crate) guard: Guard,
    pub(crate) lookup: Lookup,
    pub(crate) settings: Settings,
}

impl Client {
    /// Makes a client that resolves names as the system does.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        Self::with_lookup(settings, resolver::system())
    }

    /// Makes a client with another way to resolve names; what it finds is checked all the same.
    pub fn with_lookup(settings: Settings, lookup: Lookup) -> Result<Self, Error> {
        metering::describe();
        let guard = Guard::new(&settings);
        let inner = reqwest::Client::builder()
            .user_agent(&settings.user_agent)
            .connect_timeout(settings.connect_timeout)
            .redirect(Policy::none())
            .referer(false)
            // a proxy would resolve names where the guard cannot see
            .no_proxy()
            .dns_resolver(GuardedResolver { guard: guard.clone(), lookup: lookup.clone() })
            .build()?;
        Ok(Self { inner, guard, lookup, settings })
    }

    /// Makes a call and reads the whole answer. Every status is an answer, not an error.
    pub async fn send(&self, request: Request) -> Result<Response, Error> {
        let observation = Observation::start(&request);
        let span = observation.span.clone();
        let result = Box::pin(self.fetch(request)).instrument(span).await;
        observation.end(&result, |answer| answer.status);
        result
    }

    async fn fetch(&self, request: Request) -> Result<Response, Error> {
        let download = self.open(request).await?;
        let (status, headers) = (download.status, download.headers.clone());
        let body = collect(download).await?;
        Ok(Response { status, headers, body })
    }

    /// Makes a call and hands the body out as it arrives.
    pub async fn download(&self, request: Request) -> Result<Download, Error> {
        let observation = Observation::start(&request);
        let span = observation.span.clone();
        let result = Box::pin(self.open(request)).instrument(span).await;
        observation.end(&result, |answer| answer.status);
        result
    }

    async fn open(&self, request: Request) -> Result<Download, Error> {
        let limit = request.max_body.unwrap_or(self.settings.max_body);
        let timeout = request.timeout.unwrap_or(self.settings.timeout);
        let answer = exchange(&self.inner, &self.guard, request, timeout).await?;
        if answer.content_length().is_some_and(|length| length > limit) {
            return Err(Error::TooLarge { limit });
        }
        Ok(Download::new(answer, limit))
    }
}

async fn collect(download: Download) -> Result<Bytes, Error> {
    let mut chunks = download.into_stream();
    let mut body = BytesMut::new();
    while let Some(chunk) = chunks.try_next().await? {
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
