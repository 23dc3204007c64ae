//! The tables.

#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod channel;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod contact;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod contact_identity;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod conversation;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod inbox;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod message;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod message_part;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod parked_report;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod person;
