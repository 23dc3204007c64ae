pub(crate) mod entity;
pub(crate) mod file;
