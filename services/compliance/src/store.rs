//! The queries, by aggregate.

pub(crate) mod checkpoints;
pub(crate) mod entries;
pub(crate) mod person_keys;

#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod entity;
