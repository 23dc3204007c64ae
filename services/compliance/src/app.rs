//! The use cases.

pub(crate) mod append_records;
pub(crate) mod erase_person;
pub(crate) mod export_audit_log;
pub(crate) mod list_audit_log;
pub(crate) mod list_checkpoints;
