//! What the voice service owes, with the real programs of this machine.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod answering;
mod automatic;
mod cloud;
mod limits;
mod providers;
mod rig;
mod settings;
mod signature;
mod speech;
mod walls;
mod world;
