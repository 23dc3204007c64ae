//! The routes.

mod bearer;
mod docs;
mod idempotency;
mod live;
pub(crate) mod origins;
pub(crate) mod rates;
mod read_query;
mod read_request;
mod routes;
mod session_cookie;
mod transcode;

pub(crate) use routes::routes;
pub(crate) use transcode::success_of;
