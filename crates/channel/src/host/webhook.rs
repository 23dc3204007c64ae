mod prove;
mod to_all;

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, RawQuery, State},
    response::{IntoResponse as _, Response},
    routing::get,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use serde::Deserialize;
use tokio::time::timeout;
use tracing::Instrument as _;
use weft_domain::{
    Error,
    id::{self, ChannelId},
};
use weft_proto::directory::v1::health::Status;
use weft_web::Problem;

use super::{account_cache::Absent, channel_log::Brought, core::Core, live_account::LiveAccount, metering};
use crate::{Adapter, ReceiveError, Received, Unreadable, VerifyError, WebhookCall, WebhookReply};

/// Providers wait for three seconds in all (IN-4).
const DIRECTORY_PATIENCE: Duration = Duration::from_secs(1);

/// The routes of one kind; `{kind}` is spelled out so that many hosts' routes go into one router.
pub(crate) fn router<A: Adapter>(core: Arc<Core<A>>) -> Router {
    let kind = core.descriptor.kind;
    let limit = DefaultBodyLimit::max(core.descriptor.max_webhook_bytes);
    let handler = get(answer::<A>).post(answer::<A>);
    Router::new()
        .route(&format!("/hooks/{kind}"), get(answer_for_all::<A>).post(answer_for_all::<A>))
        .route(&format!("/hooks/{kind}/{{channel_id}}"), handler.clone())
        .route(&format!("/hooks/{kind}/{{channel_id}}/{{*rest}}"), handler)
        .layer(limit)
        .with_state(core)
}

#[derive(Deserialize)]
struct Place {
    channel_id: String,
    #[serde(default)]
    rest: String,
}

async fn answer<A: Adapter>(
    State(core): State<Arc<Core<A>>>,
    Path(place): Path<Place>,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (query, received_at) = (query.unwrap_or_default(), core.clock.now());
    let call = WebhookCall { method, path_rest: place.rest, query, headers, body, received_at };
    let taken = Arc::clone(&core).take_call(place.channel_id, call);
    tell(core.descriptor.kind, taken).await
}

async fn answer_for_all<A: Adapter>(
    State(core): State<Arc<Core<A>>>,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (query, received_at) = (query.unwrap_or_default(), core.clock.now());
    let call = WebhookCall { method, path_rest: String::new(), query, headers, body, received_at };
    let taken = Arc::clone(&core).take_call_to_all(call);
    tell(core.descriptor.kind, taken).await
}

/// Makes an answer of what became of a call, and counts it.
async fn tell(kind: &'static str, taken: impl Future<Output = Result<WebhookReply, Error>>) -> Response {
    let start = Instant::now();
    let span = tracing::info_span!(
        "webhook",
        otel.name = format!("{kind} webhook"),
        channel.kind = kind,
        channel.id = tracing::field::Empty,
        tenant.id = tracing::field::Empty,
        error.type = tracing::field::Empty,
        otel.status_code = tracing::field::Empty,
    );
    let answered = Box::pin(taken).instrument(span.clone()).await;
    let outcome = match &answered {
        Ok(_) => "ok",
        Err(error) if error.code().is_ours() => "failed",
        Err(_) => "refused",
    };
    // those have been counted, by what was wrong with them
    if let Err(error) = &answered
        && error.reason() != "invalid_signature"
    {
        metering::refused(kind, error.reason(), 1);
    }
    metering::webhook(kind, outcome, start.elapsed());
    span.in_scope(|| match answered {
        Ok(reply) => response(reply),
        Err(error) => Problem::from(error).into_response(),
    })
}

impl<A: Adapter> Core<A> {
    async fn take_call(
        self: Arc<Self>,
        channel_id: String,
        call: WebhookCall,
    ) -> Result<WebhookReply, Error> {
        let id = id::parse_lookup(&channel_id).map_err(|_| Error::not_found("channel"))?;
        let account = self.account_in_time(&id).await?;
        let span = tracing::Span::current();
        span.record("channel.id", tracing::field::display(account.channel_id));
        span.record("tenant.id", tracing::field::display(account.tenant_id));
        self.take_as(&account, &call).await
    }

    /// An account that is switched on, within the time that providers wait.
    async fn account_in_time(&self, id: &ChannelId) -> Result<Arc<LiveAccount<A::Account>>, Error> {
        let account = timeout(DIRECTORY_PATIENCE, self.accounts.get(id)).await;
        let account = account
            .unwrap_or_else(|_| Err(Absent::Unavailable("no answer in time".to_owned())))
            .map_err(come_again)?;
        if account.enabled { Ok(account) } else { Err(Error::not_found("channel")) }
    }

    /// Takes a call as this account's, once it has proved to be.
    async fn take_as(
        self: &Arc<Self>,
        account: &Arc<LiveAccount<A::Account>>,
        call: &WebhookCall,
    ) -> Result<WebhookReply, Error> {
        let begun = Instant::now();
        let came =
            || Brought { took: begun.elapsed(), bytes: call.body.len(), ..Brought::events("webhook", 0) };
        let proof = match self.prove(account, call).await? {
            Ok(proof) => proof,
            Err(refusal) => {
                let error = self.reject(refusal);
                self.note_not_taken(account, &came(), reason(refusal).into(), &error);
                return Err(error);
            }
        };
        let mut received = self.understand(&proof.account, call);
        let brought = Brought::of("webhook", &received);
        self.introduce(&proof.account, &mut received.events).await;
        let batch = self.batch(&proof.account, &mut received)?;
        if let Err(error) = self.keep(batch).await {
            let reason = error.reason().to_owned();
            let error = come_again(error);
            self.note_not_taken(account, &came(), reason.into(), &error);
            return Err(error);
        }
        let remark = if proof.by_previous { "previous_secrets" } else { "" };
        self.note_brought(
            account,
            Brought { took: begun.elapsed(), bytes: call.body.len(), remark, ..brought },
        );
        self.conclude(&proof.account, &mut received).await;
        Ok(received.reply)
    }

    fn reject(&self, refusal: VerifyError) -> Error {
        let (kind, reason) = (self.descriptor.kind, reason(refusal));
        metering::refused(kind, reason, 1);
        tracing::info!(channel.kind = kind, reason, "a call that is not the provider's was refused");
        Error::unauthenticated("invalid_signature", "the call is not signed as agreed")
    }

    /// What cannot be read is kept, and answered as if it could: a provider that sees errors switches webhooks off.
    fn understand(&self, account: &LiveAccount<A::Account>, call: &WebhookCall) -> Received {
        let read = AssertUnwindSafe(|| self.adapter.receive(&account.settings, call));
        let read = std::panic::catch_unwind(read)
            .unwrap_or_else(|_| Err(ReceiveError { why: "the adapter panicked".to_owned() }));
        match read {
            Ok(received) => received,
            Err(error) => Received {
                unreadable: vec![Unreadable { why: error.why, raw: call.body.clone() }],
                ..Received::default()
            },
        }
    }

    /// Does what follows once the events are kept.
    pub(crate) async fn conclude(
        self: &Arc<Self>,
        account: &Arc<LiveAccount<A::Account>>,
        received: &mut Received,
    ) {
        self.routes_of(account).keep(&received.routes).await;
        if let Some(why) = received.account_fault.take() {
            self.tell_fault(account, why);
        }
        if received.templates_changed {
            self.sync_templates(account.channel_id);
        }
        self.follow_up(account, std::mem::take(&mut received.calls));
    }

    /// Notes that an account does not work any more; the provider need not wait for it.
    fn tell_fault(self: &Arc<Self>, account: &Arc<LiveAccount<A::Account>>, why: String) {
        let (core, account) = (Arc::clone(self), Arc::clone(account));
        let work = async move { core.report_health(&account, Status::Failed, &why).await };
        self.lifecycle.work().spawn("tell fault", work.in_current_span());
    }

    /// Makes the calls that an adapter asked for; nothing depends on them.
    fn follow_up(self: &Arc<Self>, account: &Arc<LiveAccount<A::Account>>, calls: Vec<crate::ProviderCall>) {
        if calls.is_empty() {
            return;
        }
        let kind = self.descriptor.kind;
        let Ok(permit) = Arc::clone(&self.side_calls).try_acquire_owned() else {
            metering::follow_up_dropped(kind);
            return;
        };
        let transport = self.transport(account, "follow_up");
        let work = async move {
            for call in calls {
                if let Err(error) = crate::Transport::call(&transport, call).await {
                    tracing::debug!(channel.kind = kind, %error, "a follow-up call failed");
                }
            }
            drop(permit);
        };
        self.lifecycle.work().spawn("follow up", work.in_current_span());
    }
}

fn reason(refusal: VerifyError) -> &'static str {
    match refusal {
        VerifyError::Missing => "missing",
        VerifyError::Wrong => "wrong",
        VerifyError::Stale => "stale",
        VerifyError::UnknownKey => "unknown_key",
        VerifyError::NoSecret => "no_secret",
    }
}

/// What is ours to mend is "come again" to a provider.
fn come_again(error: impl Into<Error>) -> Error {
    let error = error.into();
    let ours = error.code().is_ours() || error.reason() == "account_invalid";
    if !ours {
        return error;
    }
    Error::unavailable("not_now").with_source(error)
}

fn response(reply: WebhookReply) -> Response {
    let mut response = (reply.status, reply.headers, reply.body).into_response();
    if let Ok(kind) = HeaderValue::from_str(&reply.content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}
