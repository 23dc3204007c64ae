use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Shorter texts come as they are.
const LONG: usize = 400;

/// The words of a very long text that came as base64; none when it is nothing but text.
pub(super) fn decoded(body: &str) -> Option<String> {
    if body.len() < LONG {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(body).ok()?).ok()?;
    let is_shown = |character: char| !character.is_control() || matches!(character, '\n' | '\r' | '\t');
    // a text of such a length has words
    (text.chars().all(is_shown) && text.contains(' ')).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_base64_of_words_is_decoded() {
        let words = "Grüße und noch viel mehr Worte. ".repeat(20);
        assert_eq!(decoded(&STANDARD.encode(&words)), Some(words.clone()));
        for text in
            [words, "a".repeat(400), STANDARD.encode("short words"), STANDARD.encode([0, 159].repeat(300))]
        {
            assert_eq!(decoded(&text), None, "{text}");
        }
    }
}
