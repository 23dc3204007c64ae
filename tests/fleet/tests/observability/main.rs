//! What an operator sees of a running fleet: metrics, dashboards, alerts, logs, traces, probes.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod canaries;
mod collector;
mod dashboards;
mod labels;
mod listeners;
mod scene;
mod scrape;
