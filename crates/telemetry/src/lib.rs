#![doc = include_str!("../README.md")]

mod error;
mod init;
mod json_log;
mod log_fields;
mod meter;
mod process;
mod prometheus;
mod propagate;
pub mod redact;
pub mod span;
mod test_telemetry;
mod tracer;

pub use error::Error;
pub use init::{LogFormat, Settings, Telemetry, init};
pub use propagate::{
    TraceContext, current_context, extract_http, inject_grpc, inject_http, set_parent, trace_id,
};
pub use redact::Redacted;
pub use test_telemetry::{FinishedSpan, TestTelemetry, init_for_test};
