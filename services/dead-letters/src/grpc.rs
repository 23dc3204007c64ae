//! The methods: decode, do, encode.

use std::sync::Arc;

use crate::desk::Desk;

mod dead_letters;

/// The methods of all groups.
#[derive(Clone)]
pub(crate) struct Methods(pub(crate) Arc<Desk>);
