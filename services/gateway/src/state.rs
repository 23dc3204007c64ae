use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use weft_rpc::Exchange;

use crate::{
    http::{origins::Origins, rates::Rates},
    live::Live,
};

/// What the routes share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Gateway {
    pub(crate) exchange: Exchange,
    pub(crate) rates: Rates,
    pub(crate) origins: Arc<Origins>,
    pub(crate) call_timeout: Duration,
    pub(crate) openapi: Bytes,
    pub(crate) live: Live,
}
