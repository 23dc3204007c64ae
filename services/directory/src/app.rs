//! The use cases.

pub(crate) mod channel_fields;
pub(crate) mod issue_tokens;
pub(crate) mod lookup;
mod secret_grace;

pub(crate) mod exchange_api_token;
pub(crate) mod get_keys;
pub(crate) mod get_me;
pub(crate) mod refresh_session;
pub(crate) mod rotate_keys;
pub(crate) mod sign_in;
pub(crate) mod sign_out;

pub(crate) mod create_tenant;
pub(crate) mod get_tenant;
pub(crate) mod list_tenants;
pub(crate) mod update_tenant;

pub(crate) mod create_user;
pub(crate) mod get_user;
pub(crate) mod list_users;
pub(crate) mod update_user;

pub(crate) mod add_team_member;
pub(crate) mod create_team;
pub(crate) mod delete_team;
pub(crate) mod get_team;
pub(crate) mod list_teams;
pub(crate) mod remove_team_member;
pub(crate) mod update_team;

pub(crate) mod create_api_token;
pub(crate) mod list_api_tokens;
pub(crate) mod revoke_api_token;

pub(crate) mod create_channel;
pub(crate) mod delete_channel;
pub(crate) mod get_channel;
pub(crate) mod get_channel_health;
pub(crate) mod list_channel_kinds;
pub(crate) mod list_channel_log;
pub(crate) mod list_channels;
pub(crate) mod list_templates;
pub(crate) mod rotate_channel_secret;
pub(crate) mod sync_templates;
pub(crate) mod update_channel;

pub(crate) mod find_template;
pub(crate) mod get_account;
pub(crate) mod keep_templates;
pub(crate) mod list_accounts;
pub(crate) mod report_health;
pub(crate) mod store_secrets;
