//! What happens by itself.

pub(crate) mod drop_generations;
pub(crate) mod run_rebuilds;
