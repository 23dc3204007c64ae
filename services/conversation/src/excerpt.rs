//! Some words of a message, as people are shown what they are to know of.

use unicode_segmentation::UnicodeSegmentation;

/// So many characters are shown, as people count them.
const LONGEST: usize = 140;

/// Some words on one line.
pub(crate) fn of(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.graphemes(true).nth(LONGEST).is_none() {
        return line;
    }
    line.graphemes(true).take(LONGEST - 1).chain(["…"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_one_character_to_people_is_not_cut_in_two() {
        let families = "👨‍👩‍👧".repeat(200);
        assert_eq!(of(&families), format!("{}…", "👨‍👩‍👧".repeat(139)));
        assert_eq!(of(" two\n lines "), "two lines");
    }
}
