#![doc = include_str!("../README.md")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "what plays customers and breaks things ends with what went wrong"
)]

mod agents;
mod agreement;
mod customers;
mod ledger;
mod mirror;
mod report;
mod scenarios;
mod scene;
mod watcher;

pub use agreement::{Agreement, agree};
pub use report::Report;
pub use scenarios::{POINTS, Scenario, Stage, all, find};
pub use scene::Scene;
