//! The use cases.

mod change_availability;
pub(crate) mod get_my_availability;
pub(crate) mod get_settings;
pub(crate) mod get_staffing;
pub(crate) mod list_agents;
pub(crate) mod note_user;
pub(crate) mod update_agent;
pub(crate) mod update_my_availability;
pub(crate) mod update_settings;
