//! The queries, by aggregate.

pub(crate) mod letters;
pub(crate) mod sealed;
pub(crate) mod state;
pub(crate) mod system;

#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod entity;
