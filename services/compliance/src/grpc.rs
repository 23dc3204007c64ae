//! The methods: decode, do, encode.

use std::sync::Arc;

use crate::compliance::Compliance;

mod audit_log;

/// The methods of all groups.
#[derive(Clone)]
pub(crate) struct Methods(pub(crate) Arc<Compliance>);
