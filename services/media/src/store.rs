pub(crate) mod blob;
pub(crate) mod entity;
pub(crate) mod file;
pub(crate) mod hold;
pub(crate) mod upload;
pub(crate) mod usage;
pub(crate) mod variant;
pub(crate) mod work;
