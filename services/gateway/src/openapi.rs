//! OpenAPI 3.1, from the descriptors.

mod hand_written;
mod operations;
mod schemas;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use url::Url;
use weft_domain::{Error, Result};
use weft_proto::Comments;

use schemas::Schemas;

const ABOUT: &str = "Every operation of Weft. Errors are `application/problem+json` (RFC 9457) with a stable `reason`. \
                     Lists are pages: pass `next_page_token` as `page_token`. Writes take an `Idempotency-Key`. \
                     Absent optional values are `null`.";

/// The document, made once at start.
pub(crate) fn document(public_url: Option<&Url>) -> Result<Bytes> {
    serde_json::to_vec(&build(public_url)).map(Bytes::from).map_err(Error::internal)
}

fn build(public_url: Option<&Url>) -> Value {
    let comments = Comments::read();
    let mut schemas = Schemas::new(&comments);
    let mut paths = Map::new();
    for (path, verb, operation) in operations::all(&mut schemas).chain(hand_written::all()) {
        let item = paths.entry(path).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(verbs) = item {
            verbs.insert(verb, operation);
        }
    }
    let server = public_url.map_or("/", |url| url.as_str());
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Weft", "version": env!("CARGO_PKG_VERSION"), "description": ABOUT},
        "servers": [{"url": server}],
        "tags": operations::tags(&comments),
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token of `POST /v1/auth/login`, or an API token (`weft_…`)."
                }
            },
            "parameters": {
                "IdempotencyKey": {
                    "name": "Idempotency-Key",
                    "in": "header",
                    "description": "Tells a repeated write apart: the same key gives the same answer, with `Idempotent-Replayed: true`.",
                    "schema": {"type": "string", "minLength": 1, "maxLength": 255}
                }
            },
            "responses": {
                "Problem": {
                    "description": "What went wrong, and what to do.",
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
                }
            }
        }
    })
}

#[cfg(test)]
mod tests;
