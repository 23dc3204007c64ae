//! The use cases.

pub(crate) mod get_overview;
pub(crate) mod get_rebuild;
pub(crate) mod start_rebuild;
