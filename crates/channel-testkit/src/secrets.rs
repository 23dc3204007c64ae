use serde_json::{Map, Value};

/// The secrets of a case's account, to look for where they must not be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets(Vec<(String, String)>);

/// Shorter ones appear anywhere by chance.
const SHORTEST: usize = 8;

impl Secrets {
    /// All texts among an account's secrets.
    ///
    /// # Panics
    /// When a secret is too short to be found reliably.
    pub(crate) fn of(secrets: &Map<String, Value>) -> Self {
        let texts =
            secrets.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
        let all: Vec<(String, String)> = texts.collect();
        for (name, value) in &all {
            assert!(
                value.len() >= SHORTEST,
                "the example secret `{name}` must have {SHORTEST} characters or more"
            );
        }
        Self(all)
    }

    /// The name of a secret that the text shows, plainly or percent-encoded.
    pub(crate) fn shown_in(&self, text: &str) -> Option<&str> {
        let plain = text.replace("%3A", ":").replace("%3a", ":");
        let found = self.0.iter().find(|(_, value)| text.contains(value) || plain.contains(value));
        found.map(|(name, _)| name.as_str())
    }

    /// The text with each secret replaced by its name, like `<bot_token>`.
    pub(crate) fn mask(&self, text: &str) -> String {
        self.0
            .iter()
            .fold(text.to_owned(), |masked, (name, value)| masked.replace(value, &format!("<{name}>")))
    }

    /// The same in every text of a JSON value.
    pub(crate) fn mask_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.mask(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.mask_value(item)).collect(),
            Value::Object(fields) => {
                fields.into_iter().map(|(name, field)| (name, self.mask_value(field))).collect()
            }
            other => other,
        }
    }
}
