//! The tables.

#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod agent;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod assignment_settings;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod auto_answer;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod auto_reply;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod business_hours;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod conversation;
