//! One stream's publisher: whatever has gathered while a batch was on its way is the next one.

use std::time::Duration;

use async_nats::{
    Client, HeaderMap, Request,
    client::RequestErrorKind,
    jetstream::{
        self, Context,
        context::{PublishError, PublishErrorKind},
        message::PublishMessage,
    },
};
use serde::Deserialize;
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result};

use super::message::headers;
use crate::{
    Published,
    event::Outgoing,
    queue::{Gathering, Job},
};

const STREAM_FULL: u64 = 10_077;
/// A batch that the server refuses as a whole though its members may be fine: incomplete, too many in flight, a known
/// id, several batches too many.
const WORTH_SINGLES: [u64; 4] = [10_176, 10_201, 10_210, 10_211];

pub(crate) struct Publisher {
    pub client: Client,
    pub context: Context,
    pub jobs: Receiver<Job>,
    pub timeout: Duration,
    pub closed: CancellationToken,
}

impl Publisher {
    /// Publishes until the bus is closed or nobody is left to publish for.
    pub(crate) async fn run(mut self) {
        let mut left_over: Option<Job> = None;
        loop {
            let first = match left_over.take() {
                Some(job) => Some(job),
                None => tokio::select! {
                    biased;
                    job = self.jobs.recv() => job,
                    () = self.closed.cancelled() => None,
                },
            };
            let Some(first) = first else { return };
            let mut gathering = Gathering::new();
            gathering.push(first);
            left_over = gathering.fill(&mut self.jobs);
            self.write(gathering.jobs).await;
        }
    }

    async fn write(&self, jobs: Vec<Job>) {
        let events: Vec<&Outgoing> = jobs.iter().flat_map(|job| &job.events).collect();
        let answers = match events.as_slice() {
            [] | [_] => self.singles(&events).await,
            _ => self.batch(&events).await,
        };
        let mut answers = answers.into_iter();
        for job in jobs {
            let mine = answers.by_ref().take(job.events.len()).collect::<Result<Vec<_>, Failure>>();
            _ = job.reply.send(mine.map_err(Error::from));
        }
    }

    /// All or nothing, synced once; <https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-50.md>.
    async fn batch(&self, events: &[&Outgoing]) -> Vec<Result<Published, Failure>> {
        match self.atomic(events).await {
            Ok(last) => {
                let first = last.saturating_sub(u64::try_from(events.len()).unwrap_or_default());
                (first + 1..=last).map(|cursor| Ok(Published { cursor, duplicate: false })).collect()
            }
            Err(Failure::Refused(code, _)) if WORTH_SINGLES.contains(&code) => self.singles(events).await,
            Err(failure) => events.iter().map(|_| Err(failure.clone())).collect(),
        }
    }

    async fn atomic(&self, events: &[&Outgoing]) -> Result<u64, Failure> {
        let batch = Uuid::now_v7().simple().to_string();
        let Some((last, others)) = events.split_last() else { return Ok(0) };
        for (index, outgoing) in others.iter().enumerate() {
            let headers = batch_headers(outgoing, &batch, index + 1);
            let (subject, data) = (outgoing.event.subject.clone(), outgoing.event.data.clone());
            self.client
                .publish_with_headers(subject, headers, data)
                .await
                .map_err(|error| Failure::Other(error.to_string()))?;
        }
        let mut headers = batch_headers(last, &batch, events.len());
        headers.insert("Nats-Batch-Commit", "1");
        let request =
            Request::new().headers(headers).payload(last.event.data.clone()).timeout(Some(self.timeout));
        let answer = self.client.send_request(last.event.subject.clone(), request).await.map_err(
            |error| match error.kind() {
                RequestErrorKind::TimedOut => Failure::Timeout,
                _ => Failure::Other(error.to_string()),
            },
        )?;
        let ack: Ack =
            serde_json::from_slice(&answer.payload).map_err(|error| Failure::Other(error.to_string()))?;
        match ack.error {
            Some(error) => Err(Failure::Refused(error.err_code, error.description)),
            None => Ok(ack.seq),
        }
    }

    /// One after the other, up to the first that fails: what came after it would stand before it when it is tried again.
    async fn singles(&self, events: &[&Outgoing]) -> Vec<Result<Published, Failure>> {
        let mut answers = Vec::with_capacity(events.len());
        for outgoing in events {
            match self.single(outgoing).await {
                Ok(published) => answers.push(Ok(published)),
                Err(error) => {
                    answers.resize(events.len(), Err(Failure::from(&error)));
                    break;
                }
            }
        }
        answers
    }

    async fn single(&self, outgoing: &Outgoing) -> Result<Published, PublishError> {
        let message = PublishMessage::build().headers(headers(outgoing)).payload(outgoing.event.data.clone());
        let ack = self.context.send_publish(outgoing.event.subject.clone(), message).await?.await?;
        Ok(Published { cursor: ack.sequence, duplicate: ack.duplicate })
    }
}

fn batch_headers(outgoing: &Outgoing, batch: &str, number: usize) -> HeaderMap {
    let mut headers = headers(outgoing);
    headers.insert("Nats-Batch-Id", batch);
    headers.insert("Nats-Batch-Sequence", number.to_string());
    headers
}

#[derive(Deserialize)]
struct Ack {
    #[serde(default)]
    seq: u64,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    err_code: u64,
    #[serde(default)]
    description: String,
}

/// Why events were not published, for each caller of the batch.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    Timeout,
    Refused(u64, String),
    Other(String),
}

impl From<&PublishError> for Failure {
    fn from(error: &PublishError) -> Self {
        if error.kind() == PublishErrorKind::TimedOut {
            return Self::Timeout;
        }
        let refusal =
            std::error::Error::source(error).and_then(|source| source.downcast_ref::<jetstream::Error>());
        match refusal {
            Some(refusal) => Self::Refused(refusal.error_code().0, refusal.to_string()),
            None => Self::Other(error.to_string()),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Timeout => timed_out(),
            Failure::Refused(STREAM_FULL, words) => Self::unavailable("bus_stream_full").with_source(words),
            Failure::Refused(_, words) | Failure::Other(words) => {
                Self::unavailable("bus_publish_failed").with_source(words)
            }
        }
    }
}

/// It may be on disk or not; the same id again finds out.
pub(crate) fn timed_out() -> Error {
    Error::new(ErrorCode::Timeout, "bus_timeout", "the event bus did not answer in time; try again")
}
