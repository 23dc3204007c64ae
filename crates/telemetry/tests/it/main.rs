#![expect(missing_docs, reason = "a test")]
#![expect(clippy::unwrap_used, reason = "a test")]

mod export;
mod log;
mod metrics;
mod process;
mod propagate;
mod redact;
mod span;
