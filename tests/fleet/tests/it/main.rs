//! The fleet, tried as its users do.
#![expect(clippy::unwrap_used, reason = "a test")]

mod spine;
mod webhooks;
