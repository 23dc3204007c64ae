//! Queries over a tenant's transaction.

pub(crate) mod contacts;
pub(crate) mod content;
pub(crate) mod conversations;
pub(crate) mod entity;
pub(crate) mod inbox;
pub(crate) mod messages;
pub(crate) mod people;
pub(crate) mod reports;
