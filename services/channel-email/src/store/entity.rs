//! The tables.

pub(crate) mod mail_folder;
pub(crate) mod mail_seen;
pub(crate) mod mail_thread;
