//! One contract for both engines, then what is each one's own.
#![expect(clippy::unwrap_used, reason = "a test")]

mod consuming;
mod dead_letters;
mod embedded;
mod jetstream;
mod limits;
mod live;
mod outside;
mod publishing;
mod reading;
mod rig;
mod secured;
mod shards;
