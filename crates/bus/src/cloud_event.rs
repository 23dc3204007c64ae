//! CloudEvents 1.0, the attributes without the body.
//! <https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/nats-protocol-binding.md>

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::Event;

/// The attributes as they are stored and sent; unknown ones are ignored.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Attributes {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    source: String,
    #[serde(default, rename = "partitionkey", skip_serializing_if = "String::is_empty")]
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    time: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    traceparent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tracestate: Option<String>,
}

impl Attributes {
    pub(crate) fn of(event: &Event) -> Self {
        Self {
            id: event.id.clone(),
            kind: event.kind.clone(),
            source: event.source.clone(),
            key: event.key.clone(),
            tenant: event.tenant.clone(),
            time: event.time,
            traceparent: event.traceparent.clone(),
            tracestate: event.tracestate.clone(),
        }
    }

    pub(crate) fn on(self, subject: &str, data: Bytes) -> Event {
        Event {
            id: self.id,
            kind: self.kind,
            source: self.source,
            subject: subject.to_owned(),
            key: self.key,
            tenant: self.tenant,
            time: self.time,
            traceparent: self.traceparent,
            tracestate: self.tracestate,
            data,
        }
    }

    /// The attributes as headers of the binary mode.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        [
            ("ce-specversion", Some("1.0".to_owned())),
            ("ce-id", Some(self.id.clone())),
            ("ce-type", Some(self.kind.clone())),
            ("ce-source", Some(self.source.clone())),
            ("ce-time", Some(self.time.to_rfc3339_opts(SecondsFormat::Micros, true))),
            ("ce-partitionkey", Some(self.key.clone()).filter(|key| !key.is_empty())),
            ("ce-tenant", self.tenant.clone()),
            ("traceparent", self.traceparent.clone()),
            ("tracestate", self.tracestate.clone()),
            ("content-type", Some("application/json".to_owned())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }

    /// Reads the headers of the binary mode; the error says what is missing.
    pub(crate) fn from_headers<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Result<Self, String> {
        let text = |name: &str| header(name).map(str::to_owned);
        let needed = |name: &str| text(name).ok_or_else(|| format!("the header `{name}` is missing"));
        Ok(Self {
            id: needed("ce-id")?,
            kind: needed("ce-type")?,
            source: text("ce-source").unwrap_or_default(),
            key: text("ce-partitionkey").unwrap_or_default(),
            tenant: text("ce-tenant"),
            time: needed("ce-time")?.parse().map_err(|_| "the header `ce-time` is not a time".to_owned())?,
            traceparent: text("traceparent"),
            tracestate: text("tracestate"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_attributes_are_ignored() {
        let stored = r#"{"id":"1","type":"t","time":"2026-01-02T03:04:05.000006Z","later":{"a":1}}"#;
        let attributes: Attributes = serde_json::from_str(stored).unwrap();
        let event = attributes.on("weft.in.1.x", Bytes::new());
        assert_eq!((event.id.as_str(), event.key.as_str(), event.tenant), ("1", "", None));
    }
}
