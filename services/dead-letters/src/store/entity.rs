//! The tables.

pub(crate) mod dead_body;
pub(crate) mod dead_letter;
