//! A channel's settings and secrets against the forms that its kind announced.

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use prost_types::Struct;
use serde_json::Value;
use weft_domain::{Error, Result};
use weft_proto::{directory::v1::ChannelKind, struct_json};

use crate::store::channels::Fields;

/// One of the two forms of a kind.
pub(crate) struct Form {
    part: &'static str,
    schema: Value,
    validator: Validator,
}

impl Form {
    /// The form of what may be shown.
    pub(crate) fn settings(kind: &ChannelKind) -> Result<Self> {
        Self::read("settings", kind.settings_schema.as_ref())
    }

    /// The form of what is never shown.
    pub(crate) fn secrets(kind: &ChannelKind) -> Result<Self> {
        Self::read("secrets", kind.secrets_schema.as_ref())
    }

    fn read(part: &'static str, schema: Option<&Struct>) -> Result<Self> {
        let object = schema.map(struct_json::to_json).unwrap_or_default();
        let schema = Value::Object(object);
        let validator = jsonschema::validator_for(&schema)
            .map_err(|error| Error::invalid("invalid_schema", format!("the schema of {part}: {error}")))?;
        Ok(Self { part, schema, validator })
    }

    /// Refuses fields that the form does not have.
    pub(crate) fn check_names(&self, fields: &Fields) -> Result<()> {
        match fields.keys().find(|name| !self.knows(name)) {
            None => Ok(()),
            Some(name) => Err(Error::invalid_field(
                &format!("{}.{name}", self.part),
                "this kind of channel has no such field",
            )),
        }
    }

    /// Checks the whole: names, what is needed, and each value. No error shows a value.
    pub(crate) fn check(&self, fields: &Fields) -> Result<()> {
        self.check_names(fields)?;
        let instance = Value::Object(fields.clone());
        match self.validator.iter_errors(&instance).next() {
            None => Ok(()),
            Some(error) => Err(self.explain(&error)),
        }
    }

    /// What the form knows of these fields; adapters keep more than people fill in.
    pub(crate) fn known(&self, fields: &Fields) -> Fields {
        let known = fields.iter().filter(|(name, _)| self.knows(name));
        known.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    fn knows(&self, name: &str) -> bool {
        self.schema.get("properties").and_then(|properties| properties.get(name)).is_some()
    }

    fn explain(&self, error: &ValidationError<'_>) -> Error {
        let mut path = vec![self.part.to_owned()];
        path.extend(error.instance_path().segments().map(|segment| segment.to_string()));
        if let ValidationErrorKind::Required { property } = error.kind() {
            path.extend(property.as_str().map(str::to_owned));
            return Error::invalid_field(&path.join("."), "this field is needed");
        }
        if let ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } = error.kind()
        {
            path.extend(unexpected.first().cloned());
            return Error::invalid_field(&path.join("."), "there is no such field here");
        }
        Error::invalid_field(&path.join("."), error.masked_with("the value").to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form() -> Form {
        let schema = json!({
            "type": "object",
            "properties": {
                "token": {"type": "string", "pattern": "^[0-9]+:"},
                "limits": {"type": "object", "properties": {"rate": {"type": "integer"}}, "additionalProperties": false},
            },
            "required": ["token"],
            "additionalProperties": false,
        });
        let secrets_schema = Some(struct_json::from_json(schema.as_object().unwrap()));
        Form::secrets(&ChannelKind { secrets_schema, ..Default::default() }).unwrap()
    }

    #[test]
    fn a_fault_names_its_field_and_never_shows_the_value() {
        let check = |value: Value| form().check(value.as_object().unwrap());
        assert!(check(json!({"token": "1:a", "limits": {"rate": 3}})).is_ok());
        for (value, field) in [
            (json!({}), "secrets.token"),
            (json!({"token": "1:a", "tokne": "canary"}), "secrets.tokne"),
            (json!({"token": "canary"}), "secrets.token"),
            (json!({"token": 5}), "secrets.token"),
            (json!({"token": "1:a", "limits": {"rate": "canary"}}), "secrets.limits.rate"),
            (json!({"token": "1:a", "limits": {"reta": "canary"}}), "secrets.limits.reta"),
        ] {
            let error = check(value).unwrap_err();
            assert_eq!(error.field(), Some(field));
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        }
    }
}
