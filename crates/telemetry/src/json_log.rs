use std::fmt;

use chrono::{SecondsFormat, Utc};
use opentelemetry::trace::TraceContextExt as _;
use serde_json::{Map, Value};
use tracing::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormattedFields, format::Writer},
    registry::LookupSpan,
};

use crate::log_fields::{Collect, LogFields, parse};

/// One JSON object per line: time, level, service, target, the event's fields, its spans' fields and the trace's ids.
#[derive(Clone, Debug)]
pub(crate) struct JsonLog {
    /// Whose lines these are.
    pub(crate) service: String,
}

impl<S> FormatEvent<S, LogFields> for JsonLog
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, LogFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Map::new();
        line.insert("time".to_owned(), Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true).into());
        line.insert("level".to_owned(), event.metadata().level().as_str().to_lowercase().into());
        line.insert("service".to_owned(), self.service.as_str().into());
        line.insert("target".to_owned(), event.metadata().target().into());
        let mut fields = Collect::default();
        event.record(&mut fields);
        line.append(&mut fields.0);
        add_spans(ctx, &mut line);
        add_ids(&mut line);
        writeln!(writer, "{}", Value::Object(line))
    }
}

fn add_spans<S>(ctx: &FmtContext<'_, S, LogFields>, line: &mut Map<String, Value>)
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let Some(span) = ctx.lookup_current() else { return };
    line.insert("span".to_owned(), span.name().into());
    for each in span.scope() {
        let extensions = each.extensions();
        let Some(fields) = extensions.get::<FormattedFields<LogFields>>() else { continue };
        for (key, value) in parse(fields) {
            // the inner word wins; `otel.*` steers the exporter and says nothing here
            if !key.starts_with("otel.") && !line.contains_key(&key) {
                line.insert(key, value);
            }
        }
    }
}

/// Asks the dispatcher, not the log layer: a log filter may hide the span, and its ids are wanted still.
fn add_ids(line: &mut Map<String, Value>) {
    let context = tracing::dispatcher::get_default(|dispatch| {
        let span = dispatch.current_span();
        span.id().and_then(|id| tracing_opentelemetry::get_otel_context(id, dispatch))
    });
    let Some(context) = context else { return };
    let ids = context.span().span_context().clone();
    if ids.is_valid() {
        line.insert("trace_id".to_owned(), ids.trace_id().to_string().into());
        line.insert("span_id".to_owned(), ids.span_id().to_string().into());
    }
}
