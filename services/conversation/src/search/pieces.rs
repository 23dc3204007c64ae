use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::{fold, stems::Languages};

/// The longest order number, address or the like that is one token.
const LONGEST_COMPOUND: usize = 64;
/// Digits of a number that stand together, and that stand in groups; fewer are words.
const DIGITS: (usize, usize) = (5, 7);
/// The most digits of a telephone number (ITU-T E.164).
const MOST_DIGITS: usize = 15;
/// From so many last digits on a number is found.
const FEWEST_LAST: usize = 4;
/// What may stand between the groups of a number.
const BETWEEN_DIGITS: [char; 8] = [' ', '\u{a0}', '-', '/', '(', ')', '.', '\u{2011}'];
/// What joins the parts of an order number or an address.
const JOINERS: [char; 9] = ['@', '.', '-', '_', '/', '#', '+', ':', '&'];

/// A part of a text, and the tokens it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Where it is, in characters.
    pub(super) span: Range<usize>,
    /// As it is compared; numbers begin with `_`, which words never do.
    pub(super) tokens: Vec<String>,
}

/// A word where it stands; of scripts without spaces, as many letters as stand together.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) span: Range<usize>,
    pub(super) text: String,
    pub(super) is_unspaced: bool,
}

/// The tokens of a text, where they are.
pub(super) fn pieces(text: &str, languages: &Languages) -> Vec<Piece> {
    let words = words(text);
    let mut pieces = Vec::new();
    for word in &words {
        match word.is_unspaced {
            true => pieces.extend(pairs(word)),
            false => pieces.push(Piece { span: word.span.clone(), tokens: forms(&word.text, languages) }),
        }
    }
    let letters: Vec<char> = text.chars().collect();
    let whole = compounds(&letters, &words).into_iter();
    pieces.extend(whole.map(|(range, token)| Piece { span: span_of(&words, &range), tokens: vec![token] }));
    pieces.extend(numbers(&letters, DIGITS).into_iter().map(|(span, digits)| {
        let ends = (0..digits.len()).filter_map(|at| digits.get(at..));
        let ends = ends.filter(|end| end.len() >= FEWEST_LAST);
        Piece { span, tokens: ends.map(|end| format!("_{end}")).collect() }
    }));
    pieces.retain(|piece| !piece.tokens.is_empty());
    pieces
}

/// A word as it is, written out, and by its stems.
pub(super) fn forms(word: &str, languages: &Languages) -> Vec<String> {
    let mut forms = vec![fold::fold(word)];
    forms.extend(fold::written_out(word));
    forms.extend(languages.stems(word));
    forms.retain(|form| !form.is_empty());
    forms
}

/// Pairs of letters, and the last one alone, of a script without spaces.
pub(super) fn pairs(word: &Word) -> Vec<Piece> {
    let letters: Vec<char> = word.text.chars().collect();
    (0..letters.len())
        .filter_map(|at| {
            let pair = letters.get(at..(at + 2).min(letters.len()))?;
            let start = word.span.start + at;
            let token = fold::fold(&pair.iter().collect::<String>());
            let tokens = if token.is_empty() { Vec::new() } else { vec![token] };
            Some(Piece { span: start..start + pair.len(), tokens })
        })
        .collect()
}

/// The words of a text in their order.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut at = 0;
    for segment in text.split_word_bounds() {
        // what a segment joins by a dot or an apostrophe is several words, so that each is found
        let mut goes_on = false;
        for letter in segment.chars() {
            let is_unspaced = fold::is_unspaced(letter);
            if fold::is_of_word(letter) {
                match words.last_mut() {
                    Some(last)
                        if last.is_unspaced == is_unspaced
                            && last.span.end == at
                            && (goes_on || is_unspaced) =>
                    {
                        last.span.end += 1;
                        last.text.push(letter);
                    }
                    _ => words.push(Word { span: at..at + 1, text: letter.to_string(), is_unspaced }),
                }
            }
            goes_on = fold::is_of_word(letter);
            at += 1;
        }
    }
    words
}

/// Words that are written as one, like `A-17-B` and `ada@example.com`: which, and as one token.
pub(super) fn compounds(letters: &[char], words: &[Word]) -> Vec<(Range<usize>, String)> {
    let is_joined = |before: &Word, after: &Word| {
        let between = letters.get(before.span.end..after.span.start).unwrap_or_default();
        matches!(between, [joiner] if JOINERS.contains(joiner))
    };
    let mut found = Vec::new();
    let mut first = 0;
    for next in 1..=words.len() {
        let goes_on =
            words.get(next - 1).zip(words.get(next)).is_some_and(|(one, other)| is_joined(one, other));
        if goes_on {
            continue;
        }
        if let Some(parts) = words.get(first..next).filter(|parts| parts.len() > 1) {
            let span = span_of(words, &(first..next));
            let text = letters.get(span).unwrap_or_default();
            let token = parts.iter().map(|part| fold::fold(&part.text)).collect::<Vec<_>>().join("_");
            let is_name = text.iter().any(|letter| letter.is_ascii_digit() || *letter == '@');
            if is_name && token.chars().count() <= LONGEST_COMPOUND && !token.starts_with('_') {
                found.push((first..next, token));
            }
        }
        first = next;
    }
    found
}

/// Where several words are.
pub(super) fn span_of(words: &[Word], range: &Range<usize>) -> Range<usize> {
    let some = words.get(range.clone()).unwrap_or_default();
    let start = some.first().map(|word| word.span.start).unwrap_or_default();
    start..some.last().map(|word| word.span.end).unwrap_or_default()
}

/// Numbers in any of the ways they are written, without the zeros that stand for a way out of a town or country.
pub(super) fn numbers(letters: &[char], fewest: (usize, usize)) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        let follows_word =
            at.checked_sub(1).and_then(|before| letters.get(before)).is_some_and(|c| c.is_alphanumeric());
        if !letter.is_ascii_digit() || follows_word {
            at += 1;
            continue;
        }
        let groups = groups(letters, at);
        let digits = |groups: &[Range<usize>]| -> String {
            groups.iter().filter_map(|group| letters.get(group.clone())).flatten().collect()
        };
        let all = digits(&groups);
        let least = if groups.len() > 1 { fewest.1 } else { fewest.0 };
        let end = groups.last().map_or(at + 1, |group| group.end);
        if (least..=MOST_DIGITS + 2).contains(&all.len()) {
            found.push((at..end, all));
        } else {
            let alone = groups.iter().map(|group| (group.clone(), digits(std::slice::from_ref(group))));
            found.extend(alone.filter(|(_, digits)| (fewest.0..=MOST_DIGITS).contains(&digits.len())));
        }
        at = end.max(at + 1);
    }
    for (_, digits) in &mut found {
        *digits = digits.trim_start_matches('0').to_owned();
    }
    found.retain(|(_, digits)| digits.len() >= FEWEST_LAST);
    found
}

/// The groups of digits that may be one number.
fn groups(letters: &[char], start: usize) -> Vec<Range<usize>> {
    let is_digit = |at: usize| letters.get(at).is_some_and(char::is_ascii_digit);
    let mut groups = Vec::new();
    let mut at = start;
    loop {
        let from = at;
        while is_digit(at) {
            at += 1;
        }
        // a word that begins with digits is no number
        if letters.get(at).is_some_and(|letter| letter.is_alphanumeric()) {
            if groups.is_empty() {
                groups.push(from..from);
            }
            return groups;
        }
        groups.push(from..at);
        let between =
            (at..at + 3).take_while(|at| letters.get(*at).is_some_and(|c| BETWEEN_DIGITS.contains(c)));
        let next = at + between.count();
        if next == at || !is_digit(next) {
            return groups;
        }
        at = next;
    }
}
