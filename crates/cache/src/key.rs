use weft_domain::TenantId;

/// The name of a value. The tenant is always its first part, so that no two tenants ever share one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    /// A key of one tenant; `kind` says what is stored, `parts` which of them.
    pub fn tenant(tenant: &TenantId, kind: &str, parts: &[&str]) -> Self {
        Self::build(&tenant.to_string(), kind, parts)
    }

    /// A key of the installation: before sign-in, and for what has no tenant.
    pub fn global(kind: &str, parts: &[&str]) -> Self {
        Self::build("-", kind, parts)
    }

    fn build(scope: &str, kind: &str, parts: &[&str]) -> Self {
        let mut text = format!("weft:{scope}");
        for part in std::iter::once(&kind).chain(parts) {
            text.push(':');
            push_escaped(&mut text, part);
        }
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Parts come from outside: one that holds a colon must not become two.
fn push_escaped(text: &mut String, part: &str) {
    for character in part.chars() {
        if matches!(character, ':' | '%') || character.is_control() {
            text.push_str(&format!("%{:02x}", u32::from(character)));
        } else {
            text.push(character);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use weft_domain::id;

    use super::*;

    #[test]
    fn different_parts_make_different_keys() {
        let (one, other): (TenantId, TenantId) = (id::new(), id::new());
        let keys: HashSet<Key> = [
            Key::tenant(&one, "k", &["a", "b"]),
            Key::tenant(&other, "k", &["a", "b"]),
            Key::tenant(&one, "k", &["a:b"]),
            Key::tenant(&one, "k", &["a%3ab"]),
            Key::tenant(&one, "k:a", &["b"]),
            Key::tenant(&one, "k", &["ab", ""]),
            Key::tenant(&one, "k", &["ab"]),
            Key::global("k", &["a", "b"]),
            Key::global(&one.to_string(), &["k", "a", "b"]),
        ]
        .into();
        assert_eq!(keys.len(), 9);
        assert_eq!(Key::tenant(&one, "k", &["a:b"]).as_str(), format!("weft:{one}:k:a%3ab"));
    }
}
