//! The tables.

#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod agent;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod assignment_settings;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod conversation;
