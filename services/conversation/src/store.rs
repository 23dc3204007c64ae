//! Queries over a tenant's transaction.

pub(crate) mod addresses;
pub(crate) mod bulk_actions;
pub(crate) mod contacts;
pub(crate) mod content;
pub(crate) mod conversations;
pub(crate) mod custom_fields;
pub(crate) mod drafts;
pub(crate) mod due;
pub(crate) mod entity;
pub(crate) mod inbox;
pub(crate) mod kinds;
pub(crate) mod marks;
pub(crate) mod merges;
pub(crate) mod messages;
pub(crate) mod narrow;
pub(crate) mod people;
pub(crate) mod reports;
pub(crate) mod scheduled;
pub(crate) mod search;
pub(crate) mod settings;
pub(crate) mod suggestions;
pub(crate) mod tags;
pub(crate) mod views;
