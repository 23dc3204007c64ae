use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A request's body that fails when it comes too slowly. Only time spent waiting for the peer counts.
pub(crate) struct PacedBody {
    body: Incoming,
    rate: u32,
    window: Duration,
    /// In this window.
    received: u64,
    /// In this window.
    waited: Duration,
    waiting_since: Option<Instant>,
    alarm: Pin<Box<Sleep>>,
}

impl PacedBody {
    pub(crate) fn new(body: Incoming, rate: u32, window: Duration) -> Self {
        Self {
            body,
            rate,
            window,
            received: 0,
            waited: Duration::ZERO,
            waiting_since: None,
            alarm: Box::pin(sleep(window)),
        }
    }

    /// Begins a new window when the present one is over, unless too little came in it.
    fn turn_window(&mut self) -> Result<(), Failure> {
        if self.waited < self.window {
            return Ok(());
        }
        let least = u128::from(self.rate) * self.window.as_millis() / 1000;
        if u128::from(self.received) < least {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the body comes too slowly").into());
        }
        self.received = 0;
        self.waited = Duration::ZERO;
        Ok(())
    }
}

impl Body for PacedBody {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        let this = &mut *self;
        if let Some(since) = this.waiting_since.take() {
            this.waited += since.elapsed();
        }
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            let data = frame.as_ref().and_then(|read| read.as_ref().ok()).and_then(Frame::data_ref);
            this.received += data.map_or(0, |bytes| bytes.len() as u64);
            return Poll::Ready(frame.map(|read| read.map_err(Into::into)));
        }
        loop {
            if let Err(failure) = this.turn_window() {
                return Poll::Ready(Some(Err(failure)));
            }
            this.waiting_since = Some(Instant::now());
            this.alarm.as_mut().reset(Instant::now() + this.window.saturating_sub(this.waited));
            ready!(this.alarm.as_mut().poll(cx));
            this.waited = this.window;
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
