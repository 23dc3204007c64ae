//! What has a shape of its own: `google.protobuf.Struct` on the wire, JSON in here.

use prost_types::{ListValue, Struct, Value as Field, value::Kind};
use serde_json::{Map, Value};

/// The fields of a struct as JSON; whole numbers become integers, which a struct does not know.
pub fn to_json(fields: &Struct) -> Map<String, Value> {
    fields.fields.iter().map(|(name, field)| (name.clone(), value_of(field))).collect()
}

/// A JSON object as a struct.
pub fn from_json(object: &Map<String, Value>) -> Struct {
    Struct { fields: object.iter().map(|(name, value)| (name.clone(), field_of(value))).collect() }
}

/// One value as JSON.
pub fn value_of(field: &Field) -> Value {
    match &field.kind {
        None | Some(Kind::NullValue(_)) => Value::Null,
        Some(Kind::BoolValue(value)) => Value::Bool(*value),
        Some(Kind::StringValue(value)) => Value::String(value.clone()),
        Some(Kind::NumberValue(value)) => number(*value),
        Some(Kind::ListValue(list)) => list.values.iter().map(value_of).collect(),
        Some(Kind::StructValue(fields)) => Value::Object(to_json(fields)),
    }
}

fn number(value: f64) -> Value {
    match format!("{value:.0}").parse::<i64>() {
        Ok(whole) if value.fract() == 0.0 => whole.into(),
        _ => value.into(),
    }
}

fn field_of(value: &Value) -> Field {
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(value) => Kind::BoolValue(*value),
        Value::Number(value) => Kind::NumberValue(value.as_f64().unwrap_or_default()),
        Value::String(value) => Kind::StringValue(value.clone()),
        Value::Array(values) => Kind::ListValue(ListValue { values: values.iter().map(field_of).collect() }),
        Value::Object(fields) => Kind::StructValue(from_json(fields)),
    };
    Field { kind: Some(kind) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_struct_and_json_say_the_same() {
        let value = json!({"a": 1, "b": 1.5, "c": [true, null, "x"], "d": {"e": -3}});
        let object = value.as_object().unwrap();
        assert_eq!(&to_json(&from_json(object)), object);
        assert_eq!(to_json(&from_json(object))["a"].as_i64(), Some(1));
    }
}
