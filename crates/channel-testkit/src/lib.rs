#![doc = include_str!("../README.md")]
#![expect(clippy::panic, reason = "a failed test says why")]

mod account;
mod changing;
mod contract;
mod difference;
mod fuzz;
mod golden;
mod mutate;
mod player;
mod provider_key;
mod secrets;

pub use account::WEBHOOK_URL;
pub use changing::{assert_refused, changing, edit, react};
pub use contract::{Samples, contract};
pub use fuzz::Intake;
pub use golden::{
    Failure, Scene, Sign, Step, golden, golden_received, golden_sent, golden_signed, run_golden,
};
pub use player::{Played, Player};
pub use provider_key::provider_key;
