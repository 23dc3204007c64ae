//! The use cases.

mod change_availability;
pub(crate) mod create_auto_reply;
pub(crate) mod create_business_hours;
pub(crate) mod delete_auto_reply;
pub(crate) mod delete_business_hours;
pub(crate) mod get_my_availability;
pub(crate) mod get_settings;
pub(crate) mod get_staffing;
pub(crate) mod list_agents;
pub(crate) mod list_auto_replies;
pub(crate) mod list_business_hours;
pub(crate) mod note_user;
pub(crate) mod update_agent;
pub(crate) mod update_auto_reply;
pub(crate) mod update_business_hours;
pub(crate) mod update_my_availability;
pub(crate) mod update_settings;
