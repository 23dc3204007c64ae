use async_nats::Subscriber;
use bytes::Bytes;
use futures::StreamExt;
use tokio_util::sync::CancellationToken;

pub(crate) struct Live {
    pub subscriber: Subscriber,
    pub closed: CancellationToken,
}

impl Live {
    pub(crate) async fn next(&mut self) -> Option<(String, Bytes)> {
        tokio::select! {
            message = self.subscriber.next() => message.map(|message| (message.subject.to_string(), message.payload)),
            () = self.closed.cancelled() => None,
        }
    }
}
