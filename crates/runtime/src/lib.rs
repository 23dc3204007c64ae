#![doc = include_str!("../README.md")]

mod every;
mod lifecycle;
mod metering;
mod process;
mod readiness;
mod task_outcome;
mod task_set;
mod wait_for;

pub use lifecycle::{Lifecycle, StopTimes};
pub use readiness::{Check, CheckReport, Need, Readiness, State};
pub use task_outcome::TaskOutcome;
pub use task_set::{StillRunning, TaskSet};
pub use wait_for::wait_for;
