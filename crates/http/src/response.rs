use bytes::Bytes;
use futures::{
    Stream, StreamExt,
    stream::{BoxStream, try_unfold},
};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::Error;

/// An answer, whole. Every status is an answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Response {
    /// Reads the body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        // only the place: serde's words may quote the body
        serde_json::from_slice(&self.body).map_err(|error| {
            Error::Unreadable(format!(
                "not the JSON we know, line {} column {}",
                error.line(),
                error.column()
            ))
        })
    }

    /// Reads the body as text, whatever it is.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// An answer whose body is still to come.
pub struct Download {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    body: BoxStream<'static, Result<Bytes, Error>>,
}

impl Download {
    pub(crate) fn new(answer: reqwest::Response, limit: u64) -> Self {
        Self {
            status: answer.status(),
            headers: answer.headers().clone(),
            body: stream(answer, limit).boxed(),
        }
    }

    /// The body as it arrives; ends with an error when it is cut off or longer than allowed.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, Error>> + Send + Unpin + 'static {
        self.body
    }
}

fn stream(answer: reqwest::Response, limit: u64) -> impl Stream<Item = Result<Bytes, Error>> + Send {
    try_unfold((answer, limit), move |(mut rest, left)| async move {
        let Some(chunk) = rest.chunk().await? else { return Ok(None) };
        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        let left_after = left.checked_sub(length).ok_or(Error::TooLarge { limit })?;
        Ok(Some((chunk, (rest, left_after))))
    })
}
