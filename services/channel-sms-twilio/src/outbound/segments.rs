//! How many SMS a text counts as: GSM 03.38 with 160 or 153 septets, UCS-2 with 70 or 67 units.

use std::collections::BTreeSet;

const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§\
    ¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Behind an escape, so each takes two.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";
/// A text with more characters of its own is in another script; nobody can write it otherwise.
const FEW: usize = 3;

/// Why a text counts as more segments than it looks like; none when it does not, or when that cannot be helped.
pub(super) fn why_dear(text: &str) -> Option<String> {
    let odd: BTreeSet<char> = text.chars().filter(|character| septets(*character).is_none()).collect();
    if odd.is_empty() || odd.len() > FEW {
        return None;
    }
    let (as_sent, otherwise) = (segments(text), gsm7(text));
    if as_sent <= otherwise {
        return None;
    }
    let shown: Vec<String> = odd.iter().map(|character| format!("“{character}”")).collect();
    let (verb, them) = if odd.len() == 1 { ("is", "it") } else { ("are", "them") };
    let shown = shown.join(", ");
    Some(format!(
        "{shown} {verb} not in the SMS alphabet: the message counts as {as_sent} segments, without {them} as {otherwise}"
    ))
}

/// How many segments Twilio bills.
pub(crate) fn segments(text: &str) -> usize {
    if text.chars().all(|character| septets(character).is_some()) {
        gsm7(text)
    } else {
        parts(text.chars().map(char::len_utf16), 70, 67)
    }
}

/// The same if every character had a place in the alphabet.
fn gsm7(text: &str) -> usize {
    parts(text.chars().map(|character| septets(character).unwrap_or(1)), 160, 153)
}

fn septets(character: char) -> Option<usize> {
    match character {
        _ if BASIC.contains(character) => Some(1),
        _ if EXTENDED.contains(character) => Some(2),
        _ => None,
    }
}

/// A character is never divided between two parts.
fn parts(sizes: impl Iterator<Item = usize> + Clone, alone: usize, joined: usize) -> usize {
    if sizes.clone().sum::<usize>() <= alone {
        return 1;
    }
    let fill = |(count, used): (usize, usize), size: usize| {
        if used + size > joined { (count + 1, size) } else { (count, used + size) }
    };
    sizes.fold((1, 0), fill).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_counted_as_networks_do() {
        let table = [
            (String::new(), 1),
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("€".repeat(80), 1),
            // an escape and its character stay together: 76 in each part
            ("€".repeat(81), 2),
            (format!("{}{}", "€".repeat(152), "a"), 2),
            ("€".repeat(153), 3),
            ("ж".repeat(70), 1),
            ("ж".repeat(71), 2),
            ("ж".repeat(134), 2),
            ("ж".repeat(135), 3),
            // two units each, so 33 in a part of 67
            ("🎉".repeat(35), 1),
            ("🎉".repeat(36), 2),
            ("🎉".repeat(67), 3),
            ("Grüße, ñandú? No: `".to_owned() + &"a".repeat(60), 2),
        ];
        for (text, count) in table {
            assert_eq!(segments(&text), count, "{text}");
        }
    }

    #[test]
    fn a_few_odd_characters_are_named_when_they_cost() {
        let dear = why_dear(&format!("It’s {}", "a".repeat(100))).unwrap();
        assert!(dear.contains('’') && dear.ends_with("as 2 segments, without it as 1"), "{dear}");
        assert_eq!(why_dear("It’s short"), None);
        assert_eq!(why_dear(&"a".repeat(400)), None);
        assert_eq!(why_dear(&"Съешь же ещё этих мягких булок. ".repeat(5)), None);
    }
}
