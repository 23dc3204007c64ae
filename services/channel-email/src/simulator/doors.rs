use futures::{StreamExt as _, stream::FuturesUnordered};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// Talks with everybody who comes, until `stop`; then all connections break.
pub(super) async fn answer<F: Future<Output = ()>>(
    listener: TcpListener,
    stop: CancellationToken,
    talk: impl Fn(TcpStream) -> F,
) {
    let mut talks = FuturesUnordered::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            Some(()) = talks.next() => {}
            come = listener.accept() => {
                if let Ok((stream, _)) = come {
                    // what is said in pieces does not wait for an answer to the first
                    drop(stream.set_nodelay(true));
                    talks.push(talk(stream));
                }
            }
        }
    }
}
