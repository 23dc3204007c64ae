use std::io;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Answers calls until `stop`; what goes on beside that ends with it, too.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    stop: CancellationToken,
    beside: impl Future<Output = ()>,
) -> io::Result<()> {
    let served = axum::serve(listener, routes).with_graceful_shutdown(stop.clone().cancelled_owned());
    let (served, _) = tokio::join!(served.into_future(), stop.run_until_cancelled(beside));
    served
}
