//! What a file is and how it may be shown: pure functions over its first bytes, its name and its type.

pub(crate) mod disposition;
pub(crate) mod kind;
pub(crate) mod name;
mod text;
