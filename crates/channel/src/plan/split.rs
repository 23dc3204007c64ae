use unicode_segmentation::UnicodeSegmentation as _;

/// Splits a text into pieces of at most `max_chars` characters: between paragraphs where possible, else lines,
/// sentences, words, and at last between what people see as characters.
pub fn split(text: &str, max_chars: usize) -> Vec<String> {
    let limit = max_chars.max(1);
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let Some(end) = nth_char(rest, limit) else {
            pieces.push(rest.to_owned());
            break;
        };
        let (piece, remainder) = rest.split_at(cut(rest, end));
        pieces.push(piece.trim_end().to_owned());
        rest = remainder.trim_start();
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// The byte at which the `count`th character starts; none when the text is no longer than that.
fn nth_char(text: &str, count: usize) -> Option<usize> {
    text.char_indices().nth(count).map(|(index, _)| index)
}

/// Where to cut `text`, at `end` at the latest and never at its start.
fn cut(text: &str, end: usize) -> usize {
    let (window, after) = text.split_at(end);
    // a piece should not get much shorter only to end nicely
    let enough = end / 2;
    let nicely = |place: Option<usize>| place.filter(|index| *index >= enough);
    nicely(window.rfind("\n\n"))
        .or_else(|| nicely(window.rfind('\n')))
        .or_else(|| nicely(sentence_end(text, end)))
        // the space after a word that ends exactly here
        .or_else(|| after.starts_with(char::is_whitespace).then_some(end))
        .or_else(|| window.rfind(char::is_whitespace).filter(|index| *index > 0))
        .or_else(|| grapheme_end(text, end))
        // one grapheme longer than a whole message
        .unwrap_or(end)
}

fn sentence_end(text: &str, end: usize) -> Option<usize> {
    let starts = text.split_sentence_bound_indices().map(|(index, _)| index);
    starts.take_while(|index| *index <= end).last().filter(|index| *index > 0)
}

fn grapheme_end(text: &str, end: usize) -> Option<usize> {
    let starts = text.grapheme_indices(true).map(|(index, _)| index);
    starts.take_while(|index| *index <= end).last().filter(|index| *index > 0)
}
