//! The use cases.

pub(crate) mod assign_conversation;
pub(crate) mod create_contact;
pub(crate) mod get_contact;
pub(crate) mod get_conversation;
pub(crate) mod list_contacts;
pub(crate) mod list_conversations;
pub(crate) mod list_messages;
pub(crate) mod list_thread;
pub(crate) mod mark_read;
pub(crate) mod resolve_message;
pub(crate) mod send_message;
pub(crate) mod send_typing;
pub(crate) mod update_contact;
pub(crate) mod update_conversation;
