use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{RawPathParams, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::AUTHORIZATION};
use prost::Message;
use prost_reflect::DynamicMessage;
use serde_json::Value;
use tonic::metadata::{Ascii, MetadataValue};
use weft_domain::{Error, Result};
use weft_proto::{
    json,
    operation::{Http, Operation},
};
use weft_rpc::{CLIENT_ADDRESS, EdgeCaller, RawClient};
use weft_web::{Json, Problem};

use super::{bearer, idempotency, read_request, session_cookie::CookieCall};
use crate::state::Gateway;

/// An operation with its REST binding, and the way to the service that owns it.
pub(crate) struct Binding {
    pub(crate) operation: &'static Operation,
    pub(crate) http: &'static Http,
    pub(crate) client: RawClient,
}

/// Carries out one REST call.
pub(crate) async fn run(
    gateway: Gateway,
    binding: Arc<Binding>,
    address: IpAddr,
    path: RawPathParams,
    request: Request,
) -> Response {
    let mut headers = HeaderMap::new();
    let carried_out = carry_out(&gateway, &binding, address, path, request, &mut headers).await;
    let mut response = carried_out.unwrap_or_else(IntoResponse::into_response);
    response.headers_mut().extend(headers);
    response
}

async fn carry_out(
    gateway: &Gateway,
    binding: &Binding,
    address: IpAddr,
    path: RawPathParams,
    request: Request,
    headers: &mut HeaderMap,
) -> Result<Response, Problem> {
    let Binding { operation, http, client } = binding;
    let caller = match operation.policy.public {
        true => None,
        false => Some(bearer::caller(&gateway.exchange, request.headers()).await?),
    };
    let principal = caller.as_ref().map(|caller| &caller.principal);
    gateway.rates.count(operation.rate(), principal, address, headers).await?;

    let cookie = CookieCall::of(operation, request.headers(), request.uri(), &gateway.origins)?;
    let given = request.headers().clone();
    let mut fields = read_request::fields(http, &operation.input, request).await?;
    if let Some(call) = cookie {
        call.give_token(&given, &mut fields)?;
    }
    let message = read_request::message(&operation.input, fields, path.iter())?;

    let mut call = tonic::Request::new(Bytes::from(message.encode_to_vec()));
    call.set_timeout(operation.patience().max(gateway.call_timeout));
    identify(&mut call, caller.as_ref(), address)?;
    idempotency::pass_key(&given, call.metadata_mut())?;
    let answer = client.call(&operation.path, call).await.map_err(|status| weft_rpc::error(&status))?;

    if idempotency::is_replayed(answer.metadata()) {
        headers.insert(HeaderName::from_static(weft_rpc::REPLAYED), HeaderValue::from_static("true"));
    }
    let mut value = read_answer(operation, answer.into_inner())?;
    if let Some(call) = cookie {
        call.take_token(&mut value, headers)?;
    }
    Ok(respond(operation, http, value))
}

fn identify(call: &mut tonic::Request<Bytes>, caller: Option<&EdgeCaller>, address: IpAddr) -> Result<()> {
    let ascii = |text: String| text.parse::<MetadataValue<Ascii>>().map_err(Error::internal);
    call.metadata_mut().insert(CLIENT_ADDRESS, ascii(address.to_string())?);
    if let Some(caller) = caller {
        let bearer = ascii(format!("Bearer {}", caller.access_token))?;
        call.metadata_mut().insert(AUTHORIZATION.as_str(), bearer);
    }
    Ok(())
}

fn read_answer(operation: &Operation, bytes: Bytes) -> Result<Value> {
    let message = DynamicMessage::decode(operation.output.clone(), bytes).map_err(Error::internal)?;
    json::to_value(&message)
}

fn respond(operation: &Operation, http: &Http, value: Value) -> Response {
    match success_of(operation, http) {
        StatusCode::NO_CONTENT => StatusCode::NO_CONTENT.into_response(),
        status => (status, Json(value)).into_response(),
    }
}

/// How success looks: what has nothing to tell is 204, what makes something is 201.
pub(crate) fn success_of(operation: &Operation, http: &Http) -> StatusCode {
    let creates = ["Create", "Send"].iter().any(|start| operation.name.starts_with(start));
    match operation.output.full_name() {
        "google.protobuf.Empty" => StatusCode::NO_CONTENT,
        _ if http.verb == "POST" && creates => StatusCode::CREATED,
        _ => StatusCode::OK,
    }
}
