//! Checking an export without the server: the chain entry by entry, and the tree against signed checkpoints.

mod fault;
mod read;
mod walk;

pub use fault::Fault;
pub use read::{checkpoints_in, entries_in};
pub use walk::{Proven, verify};

#[cfg(test)]
mod tests;
