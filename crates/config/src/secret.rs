use std::collections::BTreeSet;

use figment::value::Value;

pub(crate) const MASK: &str = "***";
const WORDS: [&str; 7] = ["secret", "password", "passphrase", "key", "token", "credential", "private"];

/// Keys whose values are never shown: marked `# secret` in the defaults, or named like one.
#[derive(Debug, Default)]
pub(crate) struct Secrets(BTreeSet<String>);

impl Secrets {
    /// Collects the keys of one document whose lines end in `# secret`.
    pub(crate) fn mark(&mut self, document: &str) {
        let mut table = String::new();
        for line in document.lines().map(str::trim) {
            if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
                header.trim_start_matches('[').trim().clone_into(&mut table);
                continue;
            }
            let Some((name, _value)) = line.split_once('=') else { continue };
            if line.ends_with("# secret") {
                self.0.insert(format!("{table}.{}", name.trim()));
            }
        }
    }

    /// Whether the value of this key must be masked.
    pub(crate) fn contains(&self, path: &[String]) -> bool {
        let is_marked = (1..=path.len()).any(|depth| {
            let start: Vec<_> = path.iter().take(depth).map(String::as_str).collect();
            self.0.contains(&start.join("."))
        });
        is_marked || path.iter().skip(1).any(|name| sounds_secret(name))
    }
}

/// A value for people, without what is secret in it.
pub(crate) fn show(value: &Value) -> String {
    match value {
        Value::String(_tag, text) => without_password(text),
        other => serde_json::to_string(&masked(other)).unwrap_or_else(|_unprintable| MASK.to_owned()),
    }
}

fn masked(value: &Value) -> Value {
    match value {
        Value::Dict(tag, table) => {
            let each = table.iter().map(|(name, below)| {
                let shown = if sounds_secret(name) { Value::from(MASK) } else { masked(below) };
                (name.clone(), shown)
            });
            Value::Dict(*tag, each.collect())
        }
        Value::Array(tag, items) => Value::Array(*tag, items.iter().map(masked).collect()),
        Value::String(tag, text) => Value::String(*tag, without_password(text)),
        other => other.clone(),
    }
}

/// The path of a key file is no secret, and operators look for it.
fn sounds_secret(name: &str) -> bool {
    let lower = name.to_lowercase();
    !lower.ends_with("_file") && WORDS.iter().any(|word| lower.contains(word))
}

/// `postgres://weft:pw@host/db` keeps everything but `pw`.
pub(crate) fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let (authority, path) = match rest.find(['/', '?', '#']) {
        Some(end) => rest.split_at(end),
        None => (rest, ""),
    };
    let Some((user, host)) = authority.rsplit_once('@') else { return text.to_owned() };
    let name = user.split(':').next().unwrap_or_default();
    format!("{scheme}://{name}:{MASK}@{host}{path}")
}
