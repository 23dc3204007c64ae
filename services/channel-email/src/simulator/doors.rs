use futures::{StreamExt as _, stream::FuturesUnordered};
use tokio::net::{TcpListener, TcpStream};

/// Talks with everybody who comes; when that ends, all connections break.
pub(super) async fn answer<F: Future<Output = ()>>(listener: TcpListener, talk: impl Fn(TcpStream) -> F) {
    let mut talks = FuturesUnordered::new();
    loop {
        tokio::select! {
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
