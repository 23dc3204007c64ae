use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use futures::FutureExt as _;
use tokio::{sync::OwnedSemaphorePermit, time::timeout};
use tracing::Instrument as _;
use weft_bus::Delivery;
use weft_domain::{Error, ErrorCode, Result, id};
use weft_proto::{
    channel::v1::{AttemptEnded, Order, Outbound, ThreadMoved, attempt_ended::Result as Ended},
    convert,
    directory::v1::{
        channel_log_entry::{Direction, Outcome},
        health::Status,
    },
};

use super::{
    account_cache::Absent,
    attempt::{of, redelivered},
    backoff::full_jitter,
    channel_log::{Ended as CallsEnded, Note},
    core::{AccountTransport, Core},
    file_store::Held,
    lane::Lane,
    live_account::LiveAccount,
    metering, orders,
};
use crate::{
    Adapter, Attachment, Idempotency, Receipt, Retry, SendError,
    plan::{Plan, plan_in_time},
};

/// For one part: the call's own 15 s and what surrounds it.
const PART: Duration = Duration::from_secs(20);
/// For one part with files, which go up with it.
const PART_WITH_FILES: Duration = Duration::from_secs(60);
/// The shortest time that an attempt is ours.
const LEASE: Duration = Duration::from_secs(60);
/// How long a place in the provider's rate is waited for here; longer is left to a later attempt.
const PACE: Duration = Duration::from_secs(5);

/// An attempt that is under way.
struct Attempt<A: Adapter> {
    account: Arc<LiveAccount<A::Account>>,
    lane: Arc<Lane>,
    plan: Plan,
    files: Held,
    _place: OwnedSemaphorePermit,
}

/// What the parts gave so far.
#[derive(Default)]
struct Sent {
    ids: Vec<String>,
    warnings: Vec<String>,
    moved_to: Option<ThreadMoved>,
    parts: usize,
}

impl<A: Adapter> Core<A> {
    /// Sends a message, at most once, and says how it ended.
    pub(crate) async fn deliver_message(
        self: &Arc<Self>,
        order: &Order,
        message: &Outbound,
        delivery: &Delivery,
        received: Instant,
    ) -> Result<()> {
        let attempt = match self.prepare(order, message).await {
            Ok(attempt) => attempt,
            Err(ended) => {
                self.note_not_sent(order, message, &ended);
                return self.tell_not_started(order, message, self.in_time(message, ended)).await;
            }
        };
        let ended = self.attempt(order, message, &attempt, delivery, received).await?;
        self.tell_ended(order, message, self.in_time(message, ended)).await
    }

    /// Everything that can be found out before the provider is called.
    async fn prepare(&self, order: &Order, message: &Outbound) -> Result<Attempt<A>, AttemptEnded> {
        let account = self.account_of(order, message).await?;
        let can = &self.descriptor.capabilities;
        let plan = plan_in_time(can, message, self.clock.now())
            .map_err(SendError::from)
            .map_err(|error| rejected(message, error.code(), &error.to_string()))?;
        let lane = self.lanes.of(&order.channel_id).await;
        if let Some(wait) = lane.paused_for() {
            return Err(self.deferred(message, wait, "throttled", "the provider asked to slow down"));
        }
        if let Some(wait) = self.circuits.sending_paused(&order.channel_id).await {
            let why = "the provider failed so often that calls to it are paused";
            return Err(self.deferred(message, wait, "circuit_open", why));
        }
        let Some(place) = lane.enter().await else {
            let why = "too many messages of this channel are waiting";
            return Err(self.deferred(message, full_jitter(message.attempt), "channel_busy", why));
        };
        let base = self.config.base_for(account.provider_is_near);
        let files = self.files.read_all(&order.tenant_id, attachments(&plan), can.max_file_bytes, base).await;
        let files = files.map_err(|error| self.without_files(message, &error))?;
        if let Err(wait) = self.pace(&account, &message.thread_id, PACE).await {
            return Err(self.deferred(message, wait, "paced", "the provider's rate limit is used up"));
        }
        Ok(Attempt { account, lane, plan, files, _place: place })
    }

    async fn account_of(
        &self,
        order: &Order,
        message: &Outbound,
    ) -> Result<Arc<LiveAccount<A::Account>>, AttemptEnded> {
        let gone = || rejected(message, "channel_gone", "the channel was disconnected");
        let channel = id::parse_lookup(&order.channel_id).map_err(|_| gone())?;
        let account = match self.accounts.get(&channel).await {
            Ok(account) => account,
            Err(Absent::Gone) => return Err(gone()),
            Err(Absent::Broken(why)) => return Err(rejected(message, "account_invalid", &why)),
            Err(Absent::Unavailable(_)) => {
                let why = "the channel's settings cannot be read at the moment";
                return Err(self.deferred(
                    message,
                    full_jitter(message.attempt),
                    "directory_unavailable",
                    why,
                ));
            }
        };
        if account.tenant_id.to_string() != order.tenant_id {
            return Err(gone());
        }
        if !account.enabled {
            return Err(rejected(message, "channel_disabled", "the channel is switched off"));
        }
        Ok(account)
    }

    /// A line of the channel log for a message for which the provider was not called.
    fn note_not_sent(&self, order: &Order, message: &Outbound, ended: &AttemptEnded) {
        let ids = (id::parse_lookup(&order.tenant_id), id::parse_lookup(&order.channel_id));
        let (Ok(tenant), Ok(channel)) = ids else { return };
        let blank = Note::new((tenant, channel), self.clock.now(), (Direction::Outbound, "send"));
        self.log.note(Note {
            outcome: Outcome::Refused,
            code: ended.code.clone().into(),
            detail: ended.reason.clone(),
            attempt: message.attempt,
            message_id: message.message_id.clone(),
            ..blank
        });
    }

    async fn attempt(
        &self,
        order: &Order,
        message: &Outbound,
        attempt: &Attempt<A>,
        delivery: &Delivery,
        received: Instant,
    ) -> Result<AttemptEnded> {
        if self.descriptor.capabilities.idempotency != Idempotency::Key {
            let lease = LEASE.max(budget(&attempt.plan) + Duration::from_secs(15));
            if !self.tell_started(order, message, lease).await? {
                return Ok(redelivered(message));
            }
        }
        // somebody else may have been given the order meanwhile
        let too_long = received.elapsed() > orders::consumer(self.descriptor.kind).ack_wait / 2;
        if too_long || delivery.may_be_elsewhere() {
            return Ok(self.deferred(
                message,
                full_jitter(message.attempt),
                "late",
                "it waited too long for its turn",
            ));
        }
        let start = Instant::now();
        let ended = self.call(order, message, attempt).await?;
        metering::sent(self.descriptor.kind, start.elapsed());
        Ok(ended)
    }

    async fn call(&self, order: &Order, message: &Outbound, attempt: &Attempt<A>) -> Result<AttemptEnded> {
        let account = &attempt.account;
        let transport = self.transport_for_sending(account, message);
        let mut sent = Sent { warnings: attempt.plan.warnings.clone(), ..Sent::default() };
        let mut failed = None;
        for part in &attempt.plan.parts {
            match self.send_part(attempt, part, &transport).await {
                Ok(receipt) => sent.add(receipt),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        if let Some(moved) = sent.moved_to.take() {
            self.tell_moved(order, message, moved).await?;
        }
        let Some(error) = failed else {
            return Ok(AttemptEnded {
                provider_message_ids: sent.ids,
                warnings: sent.warnings,
                ..of(message, Ended::Accepted)
            });
        };
        if let SendError::AccountInvalid { why } = &error {
            self.report_health(account, Status::Failed, why).await;
        }
        if let Retry::After(wait) = error.retry() {
            attempt.lane.pause(wait);
        }
        if sent.parts > 0 {
            return Ok(partly(message, attempt.plan.parts.len(), sent, &error));
        }
        Ok(self.failed(message, &error, &transport))
    }

    async fn send_part(
        &self,
        attempt: &Attempt<A>,
        part: &Outbound,
        transport: &AccountTransport<A>,
    ) -> Result<Receipt, SendError> {
        let span = weft_telemetry::span::provider_call(self.descriptor.kind, "send");
        let send =
            self.adapter.send(&attempt.account.settings, part, &attempt.files.files, transport).boxed();
        fail::fail_point!("channel.call.before");
        let sent = timeout(patience(part), send).instrument(span.clone()).await;
        fail::fail_point!("channel.call.after");
        let sent = sent.unwrap_or_else(|_| Err(SendError::unclear("the provider did not answer in time")));
        if let Err(error) = &sent {
            let code = if matches!(error, SendError::Rejected { .. }) { "rejected" } else { error.code() };
            weft_telemetry::span::fail(&span, code);
        }
        transport.inner().ended(sent.as_ref().map_or_else(CallsEnded::Sending, |_| CallsEnded::Well));
        sent
    }

    /// The end of an attempt of which nothing went.
    fn failed(&self, message: &Outbound, error: &SendError, transport: &AccountTransport<A>) -> AttemptEnded {
        let (code, reason) = (error.code(), error.to_string());
        let again = |wait| self.deferred(message, wait, code, &reason);
        match error.retry() {
            Retry::Never => AttemptEnded {
                recipient_gone: matches!(error, SendError::RecipientGone { .. }),
                ..rejected(message, code, &reason)
            },
            Retry::After(wait) => again(wait),
            Retry::Backoff => {
                again(transport.inner().refused_for().unwrap_or_else(|| full_jitter(message.attempt)))
            }
            Retry::AskPerson => match self.descriptor.capabilities.idempotency {
                Idempotency::Key | Idempotency::Lookup => {
                    AttemptEnded { may_have_gone: true, ..again(full_jitter(message.attempt)) }
                }
                Idempotency::Echo | Idempotency::None => {
                    AttemptEnded { code: code.to_owned(), reason, ..of(message, Ended::Unclear) }
                }
            },
        }
    }

    fn without_files(&self, message: &Outbound, error: &Error) -> AttemptEnded {
        match error.code() {
            ErrorCode::TooLarge => rejected(message, error.reason(), error.message()),
            ErrorCode::NotFound => rejected(message, "file_gone", "an attached file does not exist any more"),
            _ => {
                let why = "an attached file cannot be read at the moment";
                self.deferred(message, full_jitter(message.attempt), error.reason(), why)
            }
        }
    }

    fn deferred(&self, message: &Outbound, wait: Duration, code: &str, reason: &str) -> AttemptEnded {
        let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::days(1));
        AttemptEnded {
            retry_at: Some(convert::timestamp(self.clock.now() + wait)),
            code: code.to_owned(),
            reason: reason.to_owned(),
            ..of(message, Ended::Deferred)
        }
    }

    /// What would be tried again only after it is worth nothing is not tried again.
    fn in_time(&self, message: &Outbound, ended: AttemptEnded) -> AttemptEnded {
        let instant = |time: &Option<_>| time.as_ref().and_then(convert::time);
        match (instant(&ended.retry_at), instant(&message.expires_at)) {
            (Some(retry_at), Some(expires_at)) if retry_at >= expires_at => {
                rejected(message, "expired", &format!("it could not be sent in time: {}", ended.reason))
            }
            _ => ended,
        }
    }

    /// Notes in the directory how an account is doing, if the directory answers.
    pub(crate) async fn report_health(
        &self,
        account: &LiveAccount<A::Account>,
        status: Status,
        detail: &str,
    ) {
        if let Err(error) = self.directory.report(&account.channel_id, status, detail).await {
            tracing::warn!(%error, channel.id = %account.channel_id, "an account's health could not be noted");
        }
    }
}

impl Sent {
    fn add(&mut self, receipt: Receipt) {
        self.parts += 1;
        self.ids.extend(receipt.provider_message_ids);
        self.warnings.extend(receipt.warnings);
        let contact_stays = receipt.contact_stays;
        let moved = receipt.moved_to.map(|new_id| ThreadMoved { new_id, contact_stays });
        self.moved_to = moved.or(self.moved_to.take());
    }
}

fn rejected(message: &Outbound, code: &str, reason: &str) -> AttemptEnded {
    AttemptEnded { code: code.to_owned(), reason: reason.to_owned(), ..of(message, Ended::Rejected) }
}

/// The end of an attempt of which only the first parts went: it cannot be repeated, since those would come twice.
fn partly(message: &Outbound, parts: usize, sent: Sent, error: &SendError) -> AttemptEnded {
    let result = if error.retry() == Retry::Never { Ended::Rejected } else { Ended::Unclear };
    AttemptEnded {
        provider_message_ids: sent.ids,
        warnings: sent.warnings,
        code: error.code().to_owned(),
        reason: format!("{} of {parts} parts were sent, then: {error}", sent.parts),
        recipient_gone: matches!(error, SendError::RecipientGone { .. }),
        ..of(message, result)
    }
}

fn attachments(plan: &Plan) -> Vec<Attachment> {
    plan.parts.iter().flat_map(|part| part.attachments.clone()).collect()
}

fn patience(part: &Outbound) -> Duration {
    if part.attachments.is_empty() { PART } else { PART_WITH_FILES }
}

fn budget(plan: &Plan) -> Duration {
    plan.parts.iter().map(patience).sum()
}
