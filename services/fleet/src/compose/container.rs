use serde_json::{Map, Value, json};

use crate::deployment;

/// A container that may do as little as it can work with.
pub(super) struct Container(Value);

impl Container {
    /// Nobody's account, a root that cannot be written to, no capabilities, and nothing reached but the other containers.
    pub(super) fn new(image: &str, user: &str) -> Self {
        Self(json!({
            "image": image,
            "user": user,
            "restart": "unless-stopped",
            "read_only": true,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges:true"],
            "networks": [super::INSIDE],
        }))
    }

    /// Sets what differs.
    pub(super) fn with(mut self, name: &str, value: Value) -> Self {
        deployment::set(&mut self.0, name, value);
        self
    }

    /// Starts only after these: a name and its condition each.
    pub(super) fn after(self, others: &[(&str, &str)]) -> Self {
        let conditions = others.iter().map(|(name, when)| ((*name).to_owned(), json!({"condition": when})));
        self.with("depends_on", Value::Object(conditions.collect::<Map<_, _>>()))
    }

    /// Is healthy while this command succeeds; at its start it is asked every second.
    pub(super) fn healthy_if(self, test: &[&str]) -> Self {
        let check = json!({
            "test": test, "interval": "10s", "timeout": "3s", "retries": 3, "start_period": "120s", "start_interval": "1s",
        });
        self.with("healthcheck", check)
    }

    /// Is also seen from outside, and sees it.
    pub(super) fn open(self) -> Self {
        self.with("networks", json!([super::INSIDE, super::OUTSIDE]))
    }

    /// Under this name.
    pub(super) fn named(self, name: &str) -> (String, Value) {
        (name.to_owned(), self.0)
    }
}
