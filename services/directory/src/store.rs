//! The queries, by aggregate.

pub(crate) mod api_tokens;
pub(crate) mod channel_kinds;
pub(crate) mod channel_log;
pub(crate) mod channel_traffic;
pub(crate) mod channels;
pub(crate) mod people;
pub(crate) mod refresh_tokens;
pub(crate) mod sessions;
pub(crate) mod signing_keys;
pub(crate) mod teams;
pub(crate) mod templates;
pub(crate) mod tenants;

#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod entity;
