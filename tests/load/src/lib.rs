#![doc = include_str!("../README.md")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a load generator speaks to its terminal, is told by variables, and ends with what went wrong"
)]

mod arrivals;
mod bulk;
mod figures;
mod hose;
mod journal;
mod kept;
mod options;
mod reader;
mod resources;
mod rig;
pub mod sections;

pub use arrivals::drive;
pub use bulk::Bulk;
pub use hose::Hose;
pub use journal::{Block, Journal, Way};
pub use kept::{Kept, check};
pub use options::Options;
pub use reader::Reader;
pub use rig::Rig;
