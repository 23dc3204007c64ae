use prost::Message;
use prost_reflect::ReflectMessage;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::Value;

use crate::json;

/// A message inside other JSON, like a column of a table. What a newer release wrote is ignored.
#[derive(Clone, Debug, PartialEq)]
pub struct AsJson<M>(pub M);

impl<M: ReflectMessage> Serialize for AsJson<M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let body = json::encode(&self.0).map_err(ser::Error::custom)?;
        let value: Value = serde_json::from_slice(&body).map_err(ser::Error::custom)?;
        value.serialize(serializer)
    }
}

impl<'de, M: ReflectMessage + Message + Default> Deserialize<'de> for AsJson<M> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        json::decode(value.to_string().as_bytes()).map(Self).map_err(de::Error::custom)
    }
}
