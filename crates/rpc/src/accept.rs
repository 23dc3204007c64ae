use prost_reflect::{DynamicMessage, ReflectMessage};
use sha2::{Digest, Sha256};
use tonic::{
    Request, Response, Status,
    metadata::{MetadataMap, MetadataValue},
};
use weft_auth::{Principal, Subject};
use weft_domain::{Error, Idempotency, Result};
use weft_proto::{
    Intent,
    compliance::v1::audit_record::Personal,
    operation::{self, Operation},
};

use crate::{guard::Path, status, validate};

/// The metadata and HTTP header of an idempotency key.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The metadata and HTTP header that says an answer is the one of an earlier call.
pub const REPLAYED: &str = "idempotent-replayed";
const MAX_KEY_CHARS: usize = 255;

/// The metadata that says where the caller is; the edge has taken away what the caller said of it.
pub const CLIENT_ADDRESS: &str = "x-weft-client-address";
const MAX_ADDRESS_CHARS: usize = 64;

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
    /// What the audit log is told when it is done, and what tells a repetition apart.
    pub intent: Intent,
}

/// A request that nobody has to sign in for.
#[derive(Debug)]
pub struct Anybody<M> {
    /// What they want.
    pub message: M,
    /// Where they are, as far as the edge says.
    pub address: Option<String>,
    /// What the audit log is told when it is done; who it was is for the use case to add.
    pub intent: Intent,
}

/// The caller and the message of a request, its fields checked.
pub fn accept<M: ReflectMessage>(request: Request<M>) -> Result<Accepted<M>, Status> {
    let (metadata, extensions, message) = request.into_parts();
    let Some(Caller::Principal(principal)) = extensions.get::<Caller>() else {
        return Err(status(Error::unauthenticated("no_caller", "sign in first")));
    };
    let request = message.transcode_to_dynamic();
    validate(&request).map_err(status)?;
    let method = extensions.get::<Path>().map(|path| path.0.clone()).unwrap_or_default();
    let reads = operation::find(&method).is_some_and(Operation::reads);
    let key = metadata.get(IDEMPOTENCY_KEY).filter(|_| !reads);
    let key = key.map(|value| read_key(value.as_bytes())).transpose().map_err(status)?;
    let mut intent = intent(&metadata, &method, &request);
    if let Some(audit) = &mut intent.audit {
        audit.actor = principal.subject.to_string();
        audit.user = principal.user().to_string();
        if let Subject::User(_, session) = principal.subject {
            audit.session = session.to_string();
        }
        audit.idempotent = key.is_some();
    }
    intent.idempotency = key.map(|key| Idempotency {
        key,
        digest: Sha256::digest(message.encode_to_vec()).into(),
        principal: principal.subject.to_string(),
        method,
    });
    Ok(Accepted { principal: principal.clone(), message, intent })
}

/// The message of a call that nobody has to sign in for, its fields checked.
pub fn accept_anybody<M: ReflectMessage>(request: Request<M>) -> Result<Anybody<M>, Status> {
    let (metadata, extensions, message) = request.into_parts();
    let asked = message.transcode_to_dynamic();
    validate(&asked).map_err(status)?;
    let method = extensions.get::<Path>().map(|path| path.0.clone()).unwrap_or_default();
    let intent = intent(&metadata, &method, &asked);
    Ok(Anybody { address: client_address(&metadata), message, intent })
}

fn intent(metadata: &MetadataMap, method: &str, request: &DynamicMessage) -> Intent {
    let Some(operation) = operation::find(method) else { return Intent::default() };
    let mut intent = Intent::of(operation, request);
    if let Some(audit) = &mut intent.audit {
        audit.trace_id = weft_telemetry::trace_id().unwrap_or_default();
        let address = client_address(metadata).map(|value| Personal { name: "address".to_owned(), value });
        audit.personal.extend(address);
    }
    intent
}

fn client_address(metadata: &MetadataMap) -> Option<String> {
    let address = metadata.get(CLIENT_ADDRESS)?.to_str().ok()?;
    (!address.is_empty() && address.len() <= MAX_ADDRESS_CHARS).then(|| address.to_owned())
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

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use weft_domain::{Role, id};
    use weft_proto::compliance::v1::{ExportAuditLogRequest, ListAuditLogRequest};
    use weft_proto::conversation::v1::SendMessageRequest;

    use super::*;

    fn called<M: ReflectMessage>(method: &str, message: M) -> Accepted<M> {
        let mut request = Request::new(message);
        request.metadata_mut().insert(IDEMPOTENCY_KEY, MetadataValue::from_static("once"));
        let subject = Subject::User(id::new(), id::new());
        let tenant = id::new();
        let principal = Principal { tenant, subject, role: Role::Admin, scopes: None, issued_at: Utc::now() };
        request.extensions_mut().insert(Caller::Principal(principal));
        request.extensions_mut().insert(Path(method.to_owned()));
        accept(request).unwrap()
    }

    #[test]
    fn a_key_is_kept_for_what_changes_something_and_never_for_a_read() {
        let list = called("/weft.compliance.v1.AuditLog/ListAuditLog", ListAuditLogRequest::default());
        assert!(list.intent.idempotency.is_none(), "its answer would be kept, and the next read not told");
        let export = called("/weft.compliance.v1.AuditLog/ExportAuditLog", ExportAuditLogRequest::default());
        assert!(export.intent.idempotency.is_none());
        let message = SendMessageRequest {
            conversation_id: id::new::<id::Conversation>().to_string(),
            text: "hello".to_owned(),
            ..SendMessageRequest::default()
        };
        let send = called("/weft.conversation.v1.Messages/SendMessage", message);
        assert_eq!(send.intent.idempotency.unwrap().key, "once");
    }
}
