//! The service's rows.

pub(crate) mod answers;
pub(crate) mod entity;
pub(crate) mod heard;
pub(crate) mod settings;
