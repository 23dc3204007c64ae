use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use weft_runtime::TaskSet;

/// The most of a request's body that is taken off the wire though nobody wants it.
const MOST_BYTES: usize = 16 * 1024 * 1024;
const LONGEST: Duration = Duration::from_secs(5);

/// A request's body whose unread rest is thrown away after the answer, within limits. Closing a connection with bytes
/// unread resets it, and a peer that is still sending then never sees why it was refused (RFC 9112, 9.6).
pub(crate) struct UnreadRest {
    body: Body,
    tasks: TaskSet,
}

impl UnreadRest {
    pub(crate) fn new(body: Body, tasks: TaskSet) -> Self {
        Self { body, tasks }
    }
}

impl HttpBody for UnreadRest {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for UnreadRest {
    fn drop(&mut self) {
        if self.body.is_end_stream() {
            return;
        }
        let rest = std::mem::take(&mut self.body);
        let stop = self.tasks.stop_token();
        self.tasks.spawn("unread rest of a request", async move {
            tokio::select! {
                () = stop.cancelled() => {}
                _elapsed = tokio::time::timeout(LONGEST, throw_away(rest)) => {}
            }
        });
    }
}

async fn throw_away(mut rest: Body) {
    let mut thrown = 0;
    while let Some(Ok(frame)) = rest.frame().await {
        thrown += frame.data_ref().map_or(0, Bytes::len);
        if thrown > MOST_BYTES {
            return;
        }
    }
}
