use axum::{
    body::HttpBody,
    extract::{FromRequest, Request},
};
use prost_reflect::{DynamicMessage, Kind, MessageDescriptor};
use serde_json::{Map, Value};
use weft_domain::{Error, Result};
use weft_proto::{json, operation::Http};
use weft_web::{Json, Problem};

use super::read_query;

/// What a request holds outside its path, as JSON.
pub(crate) async fn fields(
    http: &Http,
    input: &MessageDescriptor,
    request: Request,
) -> Result<Map<String, Value>, Problem> {
    let query = request.uri().query().unwrap_or_default();
    if !http.body {
        return Ok(read_query::read(query, input)?);
    }
    if let Some((name, _)) = url::form_urlencoded::parse(query.as_bytes()).next() {
        return Err(read_query::unknown(&name).into());
    }
    // what has only optional fields may come without any
    if request.body().is_end_stream() {
        return Ok(Map::new());
    }
    let Json(body) = Json::<Value>::from_request(request, &()).await?;
    let Value::Object(mut fields) = body else {
        return Err(Error::invalid("invalid_body", "the body must be a JSON object").into());
    };
    if http.verb == "PATCH" {
        empty_nulls(input, &mut fields);
    }
    Ok(fields)
}

/// Puts the fields of the path among the others, which must not say otherwise, and reads the whole.
pub(crate) fn message<'a>(
    input: &MessageDescriptor,
    mut fields: Map<String, Value>,
    path: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<DynamicMessage> {
    for (name, text) in path {
        let given = fields.insert(name.to_owned(), text.into());
        if given.is_some_and(|other| other.as_str() != Some(text)) {
            return Err(Error::invalid_field(name, format!("`{name}` is not what the path says")));
        }
    }
    let message = json::read_request(input.clone(), Value::Object(fields))?;
    weft_rpc::validate(&message)?;
    Ok(message)
}

/// In a PATCH, null takes a text away: it is an absent field in proto's JSON, and would change nothing.
fn empty_nulls(input: &MessageDescriptor, fields: &mut Map<String, Value>) {
    for (name, value) in fields.iter_mut().filter(|(_, value)| value.is_null()) {
        let field = input.get_field_by_name(name).filter(|field| field.supports_presence());
        if field.is_some_and(|field| field.kind() == Kind::String) {
            *value = Value::String(String::new());
        }
    }
}
