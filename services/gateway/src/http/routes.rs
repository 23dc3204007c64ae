use std::sync::Arc;

use axum::{
    Router,
    extract::{RawPathParams, Request, State},
    routing::{MethodFilter, MethodRouter, get, on, post},
};
use http::header::CONTENT_TYPE;
use weft_domain::{Error, Result};
use weft_proto::operation;
use weft_rpc::{Channels, RawClient};
use weft_web::ClientAddress;

use super::{
    docs, live,
    transcode::{self, Binding},
};
use crate::state::Gateway;

/// All routes: those of `proto/`, and what is not request and response in JSON.
pub(crate) fn routes(channels: &Channels) -> Result<Router<Gateway>> {
    let mut router = Router::new()
        .route("/v1/live", get(live::open))
        .route("/v1/live/tickets", post(live::make_ticket))
        .route("/openapi.json", get(openapi))
        .merge(docs::routes());
    for operation in operation::all() {
        let Some(http) = &operation.http else { continue };
        let client = RawClient::new(channels.to(&owner(&operation.service)?)?);
        router = router.route(&http.path, rest(Binding { operation, http, client })?);
    }
    Ok(router)
}

fn rest(binding: Binding) -> Result<MethodRouter<Gateway>> {
    let filter = match binding.http.verb {
        "GET" => MethodFilter::GET,
        "POST" => MethodFilter::POST,
        "PUT" => MethodFilter::PUT,
        "PATCH" => MethodFilter::PATCH,
        "DELETE" => MethodFilter::DELETE,
        other => return Err(Error::internal(format!("no such method: {other}"))),
    };
    let binding = Arc::new(binding);
    let handler = move |State(gateway): State<Gateway>,
                        address: ClientAddress,
                        path: RawPathParams,
                        request: Request| {
        transcode::run(gateway, Arc::clone(&binding), address.0, path, request)
    };
    Ok(on(filter, handler))
}

/// `weft.dead_letters.v1.DeadLetters` is owned by `dead-letters`.
fn owner(service: &str) -> Result<String> {
    let package =
        service.split('.').nth(1).ok_or_else(|| Error::internal(format!("nobody owns {service}")))?;
    Ok(package.replace('_', "-"))
}

async fn openapi(State(gateway): State<Gateway>) -> impl axum::response::IntoResponse {
    ([(CONTENT_TYPE, "application/json")], gateway.openapi)
}
