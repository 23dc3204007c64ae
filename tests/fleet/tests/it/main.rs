//! The fleet, tried as its users do.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod analytics;
mod assignment;
mod audit_log;
mod channel_care;
mod crash;
mod dead_letters;
mod everywhere;
mod matrix;
mod power_cut;
mod processes;
mod ready;
mod spine;
mod templates;
mod tour;
mod voice;
mod webhooks;
mod wrong_input;
