#![expect(missing_docs, reason = "a test")]
#![expect(clippy::unwrap_used, reason = "a test")]

mod lifecycle;
mod process;
mod readiness;
mod task_set;
mod wait_for;
