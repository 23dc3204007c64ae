//! Queries over a tenant's transaction.

pub(crate) mod agents;
pub(crate) mod conversations;
pub(crate) mod entity;
pub(crate) mod settings;
