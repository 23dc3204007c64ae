//! The outbox: a change and its events commit together; the relay hands the events on afterwards.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use prost_reflect::ReflectMessage;
use sea_orm::ActiveValue::{NotSet, Set};
use uuid::Uuid;
use weft_domain::{Result, TenantId};
use weft_proto::{compliance::v1::AuditRecord, event_type, json};

use crate::migration::outbox as entity;

mod again;
mod relay;

/// The stream an outgoing event is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Orders to adapters.
    Out,
    /// What everybody may follow.
    Events,
    /// What the audit log is told.
    Audit,
}

/// An event on its way into the outbox.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The stream it is for.
    pub topic: Topic,
    /// The subject it will travel on.
    pub subject: String,
    /// The CloudEvents type.
    pub kind: String,
    /// The ordering key.
    pub key: String,
    /// The body, proto3 JSON.
    pub body: Bytes,
    /// The event's id, when it must be the same in every run; otherwise a new one.
    pub id: Option<Uuid>,
    service: String,
    /// The trace in which it was made.
    traceparent: Option<String>,
}

/// An event that waits in the outbox.
#[derive(Clone, Debug)]
pub struct Pending {
    /// The event's id, the same however often it is handed on.
    pub id: Uuid,
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// The stream it is for.
    pub topic: Topic,
    /// The subject to publish it on.
    pub subject: String,
    /// The CloudEvents type.
    pub kind: String,
    /// The service it comes from.
    pub source: String,
    /// The ordering key.
    pub key: String,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// The trace it belongs to (W3C).
    pub traceparent: Option<String>,
    /// The body.
    pub body: Bytes,
}

impl Outgoing {
    /// An event of `weft.events.v1` about the aggregate `key`.
    pub fn event<M: ReflectMessage + Default>(
        tenant: TenantId,
        service: &str,
        key: &str,
        event: &M,
    ) -> Result<Self> {
        let name = event_type::<M>();
        Ok(Self {
            topic: Topic::Events,
            subject: format!("weft.events.{tenant}.{}.{}", name.entity, name.change),
            kind: name.cloud_event(),
            key: key.to_owned(),
            body: json::encode(event)?,
            id: None,
            service: service.to_owned(),
            traceparent: weft_telemetry::current_context().traceparent,
        })
    }

    /// What the audit log is told of a deed; it keeps the order of its tenant.
    pub(crate) fn audit(tenant: TenantId, service: &str, record: &AuditRecord) -> Result<Self> {
        Ok(Self {
            topic: Topic::Audit,
            subject: format!("weft.audit.{tenant}"),
            kind: "weft.v1.audit.recorded".to_owned(),
            key: tenant.to_string(),
            body: json::encode(record)?,
            id: None,
            service: service.to_owned(),
            traceparent: weft_telemetry::current_context().traceparent,
        })
    }

    /// An order to the adapter of `provider`; `id` makes a repeated order recognisable.
    pub fn order<M: ReflectMessage>(
        subject: String,
        key: &str,
        id: Uuid,
        service: &str,
        order: &M,
    ) -> Result<Self> {
        Ok(Self {
            topic: Topic::Out,
            subject,
            kind: "weft.v1.order".to_owned(),
            key: key.to_owned(),
            body: json::encode(order)?,
            id: Some(id),
            service: service.to_owned(),
            traceparent: weft_telemetry::current_context().traceparent,
        })
    }
}

impl Topic {
    fn word(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::Events => "events",
            Self::Audit => "audit",
        }
    }

    fn of(word: &str) -> Self {
        match word {
            "out" => Self::Out,
            "audit" => Self::Audit,
            _ => Self::Events,
        }
    }
}

pub(crate) fn row(outgoing: Outgoing, now: DateTime<Utc>) -> entity::ActiveModel {
    entity::ActiveModel {
        id: NotSet,
        tenant_id: NotSet,
        event_id: Set(outgoing.id.unwrap_or_else(Uuid::now_v7)),
        topic: Set(outgoing.topic.word().to_owned()),
        subject: Set(outgoing.subject),
        kind: Set(outgoing.kind),
        source: Set(format!("/{}", outgoing.service)),
        key: Set(outgoing.key),
        traceparent: Set(outgoing.traceparent),
        body: Set(outgoing.body.to_vec()),
        created_at: Set(now),
    }
}
