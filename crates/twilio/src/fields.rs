use std::collections::BTreeMap;

use url::form_urlencoded;

/// The fields of a webhook; those not known are kept, for what cannot be shown.
#[derive(Debug, Default)]
pub struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Reads a form.
    pub fn read(form: &[u8]) -> Self {
        Self(form_urlencoded::parse(form).into_owned().collect())
    }

    /// A field that says something.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A field that is a number.
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.trim().parse().ok()
    }

    /// All of it, as JSON.
    pub fn raw(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }
}
