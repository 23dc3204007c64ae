use crate::wire::Entity;

/// A deep link's payload is at most this long.
const MAX_START_PAYLOAD: usize = 64;

/// The text with the addresses that are hidden behind words.
pub(super) fn with_links(text: &str, entities: &[Entity]) -> String {
    let mut insertions: Vec<(usize, &str)> = entities
        .iter()
        .filter(|entity| entity.kind == "text_link")
        .filter_map(|entity| Some((entity.offset.checked_add(entity.length)?, entity.url.as_deref()?)))
        .collect();
    insertions.sort_by_key(|(end, _)| *end);

    let mut shown = String::with_capacity(text.len());
    let mut links = insertions.into_iter().peekable();
    let mut units = 0;
    for character in text.chars() {
        while let Some((_, url)) = links.next_if(|(end, _)| *end <= units) {
            push_link(&mut shown, url);
        }
        shown.push(character);
        units += character.len_utf16();
    }
    for (_, url) in links {
        push_link(&mut shown, url);
    }
    shown
}

fn push_link(text: &mut String, url: &str) {
    text.push_str(" (");
    text.push_str(url);
    text.push(')');
}

/// The payload of `/start`; none for anything else, so that no words of a person get lost.
pub(super) fn start_payload(text: &str) -> Option<&str> {
    let (command, payload) = text.split_once(' ').unwrap_or((text, ""));
    let name = command.split('@').next().unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (name == "/start" && payload.len() <= MAX_START_PAYLOAD && payload.bytes().all(is_plain))
        .then_some(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(offset: usize, length: usize) -> Entity {
        Entity { kind: "text_link".to_owned(), offset, length, url: Some("https://x.test".to_owned()) }
    }

    #[test]
    fn hidden_addresses_are_shown_behind_their_words() {
        let table = [
            ("see here now", link(4, 4), "see here (https://x.test) now"),
            ("🎉 here", link(3, 4), "🎉 here (https://x.test)"),
            ("short", link(2, 400), "short (https://x.test)"),
            ("odd", link(usize::MAX, 2), "odd"),
            ("🎉", link(0, 1), "🎉 (https://x.test)"),
        ];
        for (text, entity, shown) in table {
            assert_eq!(with_links(text, &[entity]), shown);
        }
    }

    #[test]
    fn only_a_bare_start_command_is_a_start() {
        let table = [
            ("/start", Some("")),
            ("/start abc-1_2", Some("abc-1_2")),
            ("/start@acme_bot abc", Some("abc")),
            ("/start please help me", None),
            ("/started", None),
            ("start", None),
            ("/start ünï", None),
        ];
        for (text, payload) in table {
            assert_eq!(start_payload(text), payload, "{text}");
        }
    }
}
