//! Queries over a tenant's transaction.

pub(crate) mod agents;
pub(crate) mod auto_answers;
pub(crate) mod auto_replies;
pub(crate) mod business_hours;
pub(crate) mod conversations;
pub(crate) mod due;
pub(crate) mod entity;
pub(crate) mod settings;
