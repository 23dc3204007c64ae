#![doc = include_str!("../README.md")]

mod describe;
mod environment;
mod fault;
mod known;
mod layer;
mod loader;
mod misfit;
mod optional;
mod secret;

pub use describe::Entry;
pub use fault::{Fault, Faults, Source};
pub use loader::Loader;
pub use optional::optional;
