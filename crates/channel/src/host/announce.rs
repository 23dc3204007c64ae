use std::sync::Arc;

use prost_types::{ListValue, Struct, Value as Field, value::Kind};
use serde_json::Value;
use uuid::Uuid;
use weft_bus::{Event, Stream, subject};
use weft_domain::{
    Result,
    id::{self, Tenant},
};
use weft_proto::{directory::v1::ChannelKind, event_type, events::v1::ChannelkindAnnounced, json};

use super::core::Core;
use crate::{AccountSettings as _, Adapter, Schemas, schemas};

impl<A: Adapter> Core<A> {
    /// Says what the adapter can do, to gateway, console and directory.
    pub(crate) async fn announce(self: Arc<Self>) -> Result<()> {
        let event = self.announcement()?;
        let stop = self.lifecycle.intake().stop_token();
        stop.run_until_cancelled(self.publish_patiently(Stream::Events, event)).await.transpose().map(|_| ())
    }

    fn announcement(&self) -> Result<Event> {
        let Schemas { settings, secrets } = schemas::<A::Account>();
        let kind = ChannelKind {
            kind: self.descriptor.kind.to_owned(),
            title: self.descriptor.title.to_owned(),
            settings_schema: Some(struct_of(&settings)),
            secrets_schema: Some(struct_of(&secrets)),
            capabilities: Some((&self.descriptor.capabilities).into()),
            made_secrets: A::Account::MADE_SECRETS.iter().map(|&name| name.to_owned()).collect(),
        };
        let name = event_type::<ChannelkindAnnounced>();
        // the installation's own
        let tenant = id::from_uuid::<Tenant>(Uuid::nil()).to_string();
        Ok(Event {
            id: Uuid::now_v7().to_string(),
            kind: name.cloud_event(),
            source: format!("/channel-{}", self.descriptor.kind),
            subject: subject::event(&tenant, &name.entity, &name.change)?,
            key: format!("channelkind:{}", self.descriptor.kind),
            tenant: Some(tenant),
            time: self.clock.now(),
            traceparent: weft_telemetry::current_context().traceparent,
            tracestate: None,
            data: json::encode(&ChannelkindAnnounced { kind: Some(kind) })?,
        })
    }
}

fn struct_of(value: &Value) -> Struct {
    let fields = value.as_object().into_iter().flatten();
    Struct { fields: fields.map(|(name, value)| (name.clone(), field_of(value))).collect() }
}

fn field_of(value: &Value) -> Field {
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(value) => Kind::BoolValue(*value),
        Value::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Value::String(text) => Kind::StringValue(text.clone()),
        Value::Array(items) => Kind::ListValue(ListValue { values: items.iter().map(field_of).collect() }),
        Value::Object(_) => Kind::StructValue(struct_of(value)),
    };
    Field { kind: Some(kind) }
}
