//! Queries over a tenant's transaction.

pub(crate) mod entity;
pub(crate) mod generations;
pub(crate) mod live;
pub(crate) mod messages;
pub(crate) mod names;
pub(crate) mod projections;
pub(crate) mod rebuilds;
pub(crate) mod rollups;
pub(crate) mod threads;
