use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use weft_cache::Key;
use weft_domain::Error;
use weft_proto::directory::v1::health::Status;

use super::{
    backoff::full_jitter,
    channel_log::{Brought, Ended},
    core::Core,
    live_account::LiveAccount,
    metering,
};
use crate::{Adapter, PollContext, Polled, Retry, SendError};

/// Longer than one poll, so that it does not lapse while the provider holds the answer back.
const LEASE: Duration = Duration::from_secs(75);
const POLL: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// A provider that refuses is asked again after this: it may have been its own mistake.
const AFTER_REFUSAL: Duration = Duration::from_secs(300);

impl<A: Adapter> Core<A> {
    /// Asks the provider for what is new until the account changes or the process stops. One replica at a time does.
    pub(crate) async fn poll_account(
        self: Arc<Self>,
        account: Arc<LiveAccount<A::Account>>,
        stop: CancellationToken,
    ) {
        let lease = Key::tenant(&account.tenant_id, "channel-poll", &[&account.channel_id.to_string()]);
        // the provider keeps what was not confirmed, so a new holder begins with what it offers
        let mut state = None;
        let mut failures = 0;
        let mut held = false;
        while !stop.is_cancelled() {
            // without the cache nobody knows of the others; asking twice does no harm, not asking at all does
            held = self.cache.lease(&lease, &self.replica, LEASE).await.unwrap_or(true);
            let wait = if held {
                let polled =
                    stop.run_until_cancelled(Box::pin(self.poll_once(&account, state.clone()))).await;
                match polled {
                    None => break,
                    Some(Ok(polled)) => match self.take_polled(&account, polled, &mut state).await {
                        Ok(wait) => {
                            failures = 0;
                            wait
                        }
                        Err(error) => {
                            tracing::warn!(%error, "what a poll brought is not on the bus; it is asked for again");
                            failures += 1;
                            full_jitter(failures).min(Duration::from_secs(5))
                        }
                    },
                    Some(Err(error)) => {
                        failures += 1;
                        self.poll_failed(&account, &error, failures).await
                    }
                }
            } else {
                state = None;
                LOOK_AGAIN
            };
            if stop.run_until_cancelled(sleep(wait)).await.is_none() {
                break;
            }
        }
        if held && let Err(error) = self.cache.release(&lease, &self.replica).await {
            tracing::debug!(%error, "a lease was left to lapse");
        }
    }

    async fn poll_once(
        &self,
        account: &LiveAccount<A::Account>,
        state: Option<String>,
    ) -> Result<Polled, SendError> {
        let context = PollContext { state, now: self.clock.now() };
        let transport = self.transport_for_polling(account);
        let poll = self.adapter.poll(&account.settings, &context, &transport);
        let polled = timeout(POLL, Box::pin(poll)).await;
        let polled = polled.unwrap_or_else(|_| Err(SendError::unreachable("it did not answer in time")));
        transport.inner().ended(polled.as_ref().map_or_else(Ended::Sending, |_| Ended::Well));
        polled
    }

    /// Puts on the bus what a poll brought; only then the cursor moves, which confirms it to the provider.
    async fn take_polled(
        self: &Arc<Self>,
        account: &Arc<LiveAccount<A::Account>>,
        polled: Polled,
        state: &mut Option<String>,
    ) -> Result<Duration, Error> {
        let Polled { mut received, next_state, wait } = polled;
        let brought = Brought::of("poll", &received);
        self.introduce(account, &mut received.events).await;
        let batch = self.batch(account, &mut received)?;
        if !batch.is_empty() {
            let begun = Instant::now();
            self.put(&batch).await?;
            self.note_brought(account, Brought { took: begun.elapsed(), ..brought });
        }
        *state = next_state.or(state.take());
        self.conclude(account, &mut received).await;
        Ok(wait)
    }

    async fn poll_failed(
        &self,
        account: &LiveAccount<A::Account>,
        error: &SendError,
        failures: u32,
    ) -> Duration {
        metering::poll_failed(self.descriptor.kind);
        match error.clone().of_repeatable().retry() {
            Retry::After(wait) => wait,
            Retry::Never => {
                self.report_health(account, Status::Failed, &error.to_string()).await;
                AFTER_REFUSAL
            }
            Retry::Backoff | Retry::AskPerson => full_jitter(failures.min(6)),
        }
    }
}
