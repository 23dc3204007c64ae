//! Adapters' events become rows: that is what the service is for.

use std::{collections::HashMap, time::Duration};

use futures::future::join_all;
use tracing::Instrument;
use weft_bus::{Delivery, Outcome, subject};
use weft_domain::{Error, ErrorCode, Result, TenantId, id};
use weft_proto::{
    channel::v1::{Inbound, inbound},
    conversation::v1::{Author, author},
    events::v1::TypingSeen,
    json,
};
use weft_telemetry::{TraceContext, span};

use crate::{Context, intake, show, store::conversations};

const LATER: Duration = Duration::from_millis(500);

/// Applies a batch: one transaction per tenant, and one per event where that fails, so that poison harms only itself.
pub(crate) async fn handle(context: &Context, batch: Vec<Delivery>) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = batch.iter().map(|_| Outcome::Done).collect();
    let mut by_tenant: HashMap<TenantId, Vec<(usize, intake::Event)>> = HashMap::new();
    for (index, delivery) in batch.iter().enumerate() {
        match read(delivery) {
            Ok((tenant, event)) => by_tenant.entry(tenant).or_default().push((index, event)),
            Err(error) => set(&mut outcomes, index, dead(&error)),
        }
    }
    let applied = by_tenant.into_iter().map(|(tenant, events)| apply(context, tenant, events, &batch));
    for (index, outcome) in join_all(applied).await.into_iter().flatten() {
        set(&mut outcomes, index, outcome);
    }
    outcomes
}

async fn apply(
    context: &Context,
    tenant: TenantId,
    events: Vec<(usize, intake::Event)>,
    batch: &[Delivery],
) -> Vec<(usize, Outcome)> {
    let (indexes, events): (Vec<usize>, Vec<intake::Event>) = events.into_iter().unzip();
    let typing = events.iter().filter(|event| matches!(event.inbound.event, Some(inbound::Event::Typing(_))));
    for event in typing {
        tell_typing(context, tenant, event).await;
    }
    let span =
        indexes.first().and_then(|index| batch.get(*index)).map_or_else(tracing::Span::none, consume_span);
    match write(context, tenant, &events).instrument(span).await {
        Ok(()) => indexes.into_iter().map(|index| (index, Outcome::Done)).collect(),
        Err(error) if is_passing(&error) => {
            tracing::warn!(tenant.id = %tenant, error = %error, "inbound events wait");
            indexes.into_iter().map(|index| (index, later(&error))).collect()
        }
        Err(_) => one_by_one(context, tenant, indexes, events, batch).await,
    }
}

/// Something in the batch is poison: each on its own, in order.
async fn one_by_one(
    context: &Context,
    tenant: TenantId,
    indexes: Vec<usize>,
    events: Vec<intake::Event>,
    batch: &[Delivery],
) -> Vec<(usize, Outcome)> {
    let mut outcomes = Vec::with_capacity(indexes.len());
    for (index, event) in indexes.into_iter().zip(events) {
        let span = batch.get(index).map_or_else(tracing::Span::none, consume_span);
        let outcome = match write(context, tenant, std::slice::from_ref(&event)).instrument(span).await {
            Ok(()) => Outcome::Done,
            Err(error) if is_passing(&error) || error.code() == ErrorCode::Internal => {
                tracing::warn!(tenant.id = %tenant, error = %error, source = ?std::error::Error::source(&error), "inbound event waits");
                later(&error)
            }
            Err(error) => dead(&error),
        };
        outcomes.push((index, outcome));
    }
    outcomes
}

async fn write(context: &Context, tenant: TenantId, events: &[intake::Event]) -> Result<()> {
    let fresh =
        context.store.tenant(tenant).write(|tx| async move { intake::apply(&tx, events).await }).await?;
    let repeated = u64::try_from(events.len() - fresh.min(events.len())).unwrap_or_default();
    metrics::counter!("weft_conversation_applied_total").increment(u64::try_from(fresh).unwrap_or_default());
    metrics::counter!("weft_conversation_duplicates_total").increment(repeated);
    Ok(())
}

fn read(delivery: &Delivery) -> Result<(TenantId, intake::Event)> {
    let inbound: Inbound = json::decode(&delivery.event.data)?;
    let tenant = id::parse::<id::Tenant>("tenant_id", &inbound.tenant_id)?;
    Ok((tenant, intake::Event::read(inbound)?))
}

/// Typing is worth nothing a second later: it goes to the sockets at once and is never stored.
async fn tell_typing(context: &Context, tenant: TenantId, event: &intake::Event) {
    let told: Result<()> = async {
        let channel = event.channel_id;
        let thread = event.thread_id();
        let find = |tx| async move { conversations::newest_of_thread(&tx, channel, thread).await };
        let Some(conversation) = context.store.tenant(tenant).read(find).await? else { return Ok(()) };
        let name = event.inbound.sender.as_ref().map(|sender| sender.name.clone()).unwrap_or_default();
        let seen = TypingSeen {
            conversation_id: show::conversation_id(conversation.id),
            author: Some(Author {
                kind: author::Kind::Contact.into(),
                id: show::contact_id(conversation.contact_id),
                name,
            }),
        };
        context
            .bus
            .publish_live(&subject::live(&tenant.to_string(), &["typing"])?, json::encode(&seen)?)
            .await
    }
    .await;
    if let Err(error) = told {
        tracing::debug!(error = %error, "typing was not told");
    }
}

fn consume_span(delivery: &Delivery) -> tracing::Span {
    let published = TraceContext {
        traceparent: delivery.event.traceparent.clone(),
        tracestate: delivery.event.tracestate.clone(),
    };
    span::bus_consume(super::INBOUND, &delivery.event.kind, &published)
}

fn is_passing(error: &Error) -> bool {
    error.code().is_transient() || error.code() == ErrorCode::Conflict
}

fn later(error: &Error) -> Outcome {
    Outcome::Retry { after: LATER, reason: error.reason().to_owned() }
}

fn dead(error: &Error) -> Outcome {
    Outcome::Dead { reason: error.reason().to_owned(), words: error.message().to_owned() }
}

fn set(outcomes: &mut [Outcome], index: usize, outcome: Outcome) {
    if let Some(place) = outcomes.get_mut(index) {
        *place = outcome;
    }
}
