//! Calls between processes.
#![expect(clippy::unwrap_used, reason = "a test")]

mod secured;
