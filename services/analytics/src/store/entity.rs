//! The tables.

#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod channel;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod conversation;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod message;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod person;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod projection;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod rebuild;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod rollup;
