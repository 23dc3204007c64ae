use prost_reflect::ReflectMessage;
use sha2::{Digest, Sha256};
use tonic::{Request, Response, Status, metadata::MetadataValue};
use weft_auth::Principal;
use weft_domain::{Error, Idempotency, Result};

use crate::{status, validate};

/// The metadata and HTTP header of an idempotency key.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The metadata and HTTP header that says an answer is the one of an earlier call.
pub const REPLAYED: &str = "idempotent-replayed";
const MAX_KEY_CHARS: usize = 255;

/// Who is calling, put into the request by the guard.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Nobody: the method is public.
    Nobody,
    /// A user or API token.
    Principal(Principal),
    /// A service of the fleet, by name.
    Service(String),
}

/// A request that may be carried out.
#[derive(Debug)]
pub struct Accepted<M> {
    /// Who is calling.
    pub principal: Principal,
    /// What they want.
    pub message: M,
    /// What tells a repetition apart, if the caller gave a key.
    pub idempotency: Option<Idempotency>,
}

/// The caller and the message of a request, its fields checked.
pub fn accept<M: ReflectMessage>(request: Request<M>) -> Result<Accepted<M>, Status> {
    let (metadata, extensions, message) = request.into_parts();
    let Some(Caller::Principal(principal)) = extensions.get::<Caller>() else {
        return Err(status(Error::unauthenticated("no_caller", "sign in first")));
    };
    validate(&message.transcode_to_dynamic()).map_err(status)?;
    let key =
        metadata.get(IDEMPOTENCY_KEY).map(|value| read_key(value.as_bytes())).transpose().map_err(status)?;
    let method = extensions.get::<crate::guard::Path>().map(|path| path.0.clone()).unwrap_or_default();
    let idempotency = key.map(|key| Idempotency {
        key,
        digest: Sha256::digest(message.encode_to_vec()).into(),
        principal: principal.subject.to_string(),
        method,
    });
    Ok(Accepted { principal: principal.clone(), message, idempotency })
}

/// The calling service and the message of a call within the fleet, its fields checked.
pub fn accept_service<M: ReflectMessage>(request: Request<M>) -> Result<(String, M), Status> {
    let (_, extensions, message) = request.into_parts();
    let Some(Caller::Service(service)) = extensions.get::<Caller>() else {
        return Err(status(Error::unauthenticated(
            "not_of_the_fleet",
            "only services of the fleet may call this",
        )));
    };
    validate(&message.transcode_to_dynamic()).map_err(status)?;
    Ok((service.clone(), message))
}

/// An answer, marked when it is the one of an earlier call.
pub fn reply<M>(message: M, replayed: bool) -> Response<M> {
    let mut response = Response::new(message);
    if replayed {
        response.metadata_mut().insert(REPLAYED, MetadataValue::from_static("true"));
    }
    response
}

fn read_key(bytes: &[u8]) -> Result<String> {
    let key = std::str::from_utf8(bytes).ok().filter(|key| !key.is_empty() && key.len() <= MAX_KEY_CHARS);
    key.map(str::to_owned).ok_or_else(|| {
        Error::invalid(
            "invalid_idempotency_key",
            format!("`Idempotency-Key` must be 1 to {MAX_KEY_CHARS} ASCII characters"),
        )
    })
}
