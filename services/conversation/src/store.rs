//! Queries over a tenant's transaction.

pub(crate) mod addresses;
pub(crate) mod contacts;
pub(crate) mod content;
pub(crate) mod conversations;
pub(crate) mod drafts;
pub(crate) mod due;
pub(crate) mod entity;
pub(crate) mod inbox;
pub(crate) mod kinds;
pub(crate) mod merges;
pub(crate) mod messages;
pub(crate) mod people;
pub(crate) mod reports;
pub(crate) mod scheduled;
pub(crate) mod settings;
pub(crate) mod suggestions;
