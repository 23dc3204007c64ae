use bytes::Bytes;
use serde_json::Value;

/// JSON as Meta writes it before it signs: with `/` and everything beyond ASCII escaped.
pub fn escaped(body: &Value) -> Bytes {
    let plain = body.to_string();
    let mut escaped = String::with_capacity(plain.len());
    for letter in plain.chars() {
        match letter {
            '/' => escaped.push_str("\\/"),
            ascii if ascii.is_ascii() => escaped.push(ascii),
            other => {
                let mut units = [0; 2];
                let codes = other.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}"));
                escaped.extend(codes);
            }
        }
    }
    escaped.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_signed_is_ascii_and_means_the_same() {
        let body = json!({"text": {"body": "Grüße / ☕ 🎉"}});
        let bytes = escaped(&body);
        assert!(bytes.is_ascii());
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(text.contains(r"Gr\u00fc\u00dfe \/ \u2615 \ud83c\udf89"), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), body);
    }
}
