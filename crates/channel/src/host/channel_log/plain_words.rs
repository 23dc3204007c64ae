/// The most characters of an explanation.
const MOST: usize = 300;
/// Digits of a telephone number; shorter ones are codes and counts.
const NUMBER: usize = 7;
/// Longer words of letters and digits together are taken for tokens.
const TOKEN: usize = 20;

/// An explanation without what identifies people or lets somebody in: adapters leave such out, and what they forget goes here.
pub(super) fn plain(words: &str) -> String {
    let each = words.split_whitespace().map(word).collect::<Vec<_>>().join(" ");
    match each.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", each.get(..end).unwrap_or_default()),
        None => each,
    }
}

fn word(word: &str) -> String {
    if word.contains("://") {
        return weft_telemetry::redact::url(word);
    }
    if let Some((_, domain)) =
        word.split_once('@').filter(|(name, domain)| !name.is_empty() && !domain.is_empty())
    {
        return format!("…@{domain}");
    }
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let has_letters = word.chars().any(char::is_alphabetic);
    if has_letters && digits > 0 && word.chars().count() >= TOKEN {
        return "…".to_owned();
    }
    if digits < NUMBER {
        return word.to_owned();
    }
    // the end tells a person which one it was
    let last: String = word.chars().filter(char::is_ascii_digit).skip(digits - 2).collect();
    format!("…{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_holds_no_number_address_or_token_in_whole() {
        let table = [
            ("the provider refused it with status 400", "the provider refused it with status 400"),
            ("+4917612345678 has left", "…78 has left"),
            ("(0176-1234567)", "…67"),
            ("ask ada@example.com, please", "ask …@example.com, please"),
            ("@shop is gone", "@shop is gone"),
            (
                "at https://x.example/hook/1234567890abcdefghij?t=s now",
                "at https://x.example/hook/***?t=*** now",
            ),
            ("xoxb-123456789012-abcdefghij", "…"),
        ];
        for (words, expected) in table {
            assert_eq!(plain(words), expected);
        }
        assert_eq!(plain(&"é".repeat(MOST + 1)).chars().count(), MOST + 1);
    }
}
