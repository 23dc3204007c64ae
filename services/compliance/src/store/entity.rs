//! The tables.

pub(crate) mod audit_checkpoint;
pub(crate) mod audit_entry;
pub(crate) mod audit_object;
pub(crate) mod person_key;
