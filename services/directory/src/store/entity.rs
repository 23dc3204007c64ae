//! The tables.

pub(crate) mod api_token;
pub(crate) mod channel;
pub(crate) mod channel_kind;
pub(crate) mod channel_log;
pub(crate) mod channel_template;
pub(crate) mod channel_template_sync;
pub(crate) mod channel_traffic;
pub(crate) mod person;
pub(crate) mod refresh_token;
pub(crate) mod session;
pub(crate) mod signing_key;
pub(crate) mod team;
pub(crate) mod team_member;
pub(crate) mod tenant;
