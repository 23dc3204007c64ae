use unicode_normalization::UnicodeNormalization;

/// So many letters of a word are compared.
const LONGEST: usize = 40;

/// A word as it is compared: in lower case, without accents, in one way to write it. Vowel signs of Indian and other scripts
/// are letters and stay.
pub(super) fn fold(word: &str) -> String {
    let plain: String = word
        .nfkd()
        .filter(|letter| !is_accent(*letter))
        .flat_map(char::to_lowercase)
        .flat_map(|letter| spelled(letter).chars().chain(spelled(letter).is_empty().then_some(letter)))
        .filter(|letter| is_of_word(*letter))
        .collect();
    plain.nfc().take(LONGEST).collect()
}

/// Words as they are compared with others: in lower case, without accents, one space between them.
pub(crate) fn fold_words(words: &str) -> String {
    let plain = words
        .nfkd()
        .filter(|letter| !is_accent(*letter))
        .flat_map(char::to_lowercase)
        .flat_map(|letter| spelled(letter).chars().chain(spelled(letter).is_empty().then_some(letter)));
    let plain: String = plain.nfc().collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same where German and Nordic letters are written out, `mueller` for `Müller`; none where it has none.
pub(super) fn written_out(word: &str) -> Option<String> {
    let lower: String = word.nfc().flat_map(char::to_lowercase).collect();
    let written: String = lower
        .chars()
        .flat_map(|letter| {
            let two = match letter {
                'ä' => "ae",
                'ö' | 'ø' => "oe",
                'ü' => "ue",
                'å' => "aa",
                _ => "",
            };
            two.chars().chain(two.is_empty().then_some(letter))
        })
        .collect();
    (written != lower).then(|| fold(&written))
}

/// Whether a character is part of words: a letter, a digit, or a sign that belongs to the letter before it.
pub(super) fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || unicode_normalization::char::is_combining_mark(letter)
}

/// Whether words of this letter's script are written without spaces between them. Of Korean, whose words grow at their ends,
/// pairs of syllables find more, too.
pub(super) fn is_unspaced(letter: char) -> bool {
    matches!(letter,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}'
        | '\u{20000}'..='\u{323af}')
}

/// Accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic, and what only joins or parts letters.
fn is_accent(letter: char) -> bool {
    matches!(letter,
        '\u{0300}'..='\u{036f}' | '\u{0591}'..='\u{05c7}' | '\u{0640}' | '\u{064b}'..='\u{0655}' | '\u{0670}'
        | '\u{00ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Letters that have no accent to take off.
fn spelled(letter: char) -> &'static str {
    match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ı' => "i",
        'ς' => "σ",
        _ => "",
    }
}
