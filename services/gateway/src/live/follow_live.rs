use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::{
    Shared,
    entry::{About, Shown},
    event_names,
    frames::ServerFrame,
};

const EVERYTHING: &str = "weft.live.>";
const PAUSE: Duration = Duration::from_millis(500);

/// Hands typing and the like to the sockets, until the bus closes or `stop`.
pub(super) async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    loop {
        match stop.run_until_cancelled(follow(&shared)).await {
            None | Some(Ok(())) => return,
            Some(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "live events cannot be followed");
            }
        }
        if stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_none() {
            return;
        }
    }
}

async fn follow(shared: &Shared) -> weft_domain::Result<()> {
    let mut subscription = shared.bus.subscribe_live(EVERYTHING).await?;
    while let Some((subject, data)) = subscription.next().await {
        let mut words = subject.splitn(4, '.').skip(2);
        let (Some(tenant), Some(name)) = (words.next(), words.next()) else { continue };
        shared.hub.tell(tenant, || show(name, &data));
    }
    Ok(())
}

fn show(name: &str, body: &[u8]) -> Option<Shown> {
    let data = event_names::show(event_names::of_live(name)?, body).ok()?;
    let about = About::of(&data)?;
    let frame = ServerFrame::Live { event: name, data: &data }.text().ok()?;
    Some(Shown { about, only: event_names::only_for(&data).map(str::to_owned), frame })
}
