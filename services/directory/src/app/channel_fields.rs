use prost_types::Struct;
use serde_json::Value;
use weft_domain::{Error, ErrorCode, Result};
use weft_proto::struct_json;

use crate::store::channels::Fields;

/// The most bytes of a channel's settings, and of its secrets.
const MAX_BYTES: usize = 64 << 10;

/// What a request gives for settings or secrets.
pub(crate) fn given(fields: Option<&Struct>) -> Fields {
    fields.map(struct_json::to_json).unwrap_or_default()
}

/// The fields without those that are null: at a creation there is nothing to remove.
pub(crate) fn without_nulls(mut fields: Fields) -> Fields {
    fields.retain(|_, value| *value != Value::Null);
    fields
}

/// Puts what is given over what is there; a null removes.
pub(crate) fn merge(mut fields: Fields, given: &Fields) -> Fields {
    fields.extend(given.clone());
    without_nulls(fields)
}

/// Refuses more than anybody fills in.
pub(crate) fn check_size(part: &str, fields: &Fields) -> Result<()> {
    if serde_json::to_vec(fields).map_err(Error::internal)?.len() <= MAX_BYTES {
        return Ok(());
    }
    let words = format!("`{part}` must be at most {MAX_BYTES} bytes");
    Err(Error::new(ErrorCode::TooLarge, "too_large", words).with_field(part))
}
