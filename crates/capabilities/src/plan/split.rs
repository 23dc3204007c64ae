use unicode_segmentation::UnicodeSegmentation as _;

/// Splits a text into pieces of at most `max_chars` characters and `max_bytes` bytes: between paragraphs where possible,
/// else lines, sentences, words, and at last between what people see as characters.
pub fn split(text: &str, max_chars: usize, max_bytes: Option<usize>) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let Some(end) = end_of_piece(rest, max_chars.max(1), max_bytes) else {
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

/// The byte at which a piece ends at the latest; none when the text is no longer than one.
fn end_of_piece(text: &str, max_chars: usize, max_bytes: Option<usize>) -> Option<usize> {
    let by_chars = text.char_indices().nth(max_chars).map(|(index, _)| index);
    let first = text.chars().next().map_or(0, char::len_utf8);
    let too_long = max_bytes.filter(|max| text.len() > *max);
    let by_bytes =
        too_long.map(|max| text.floor_char_boundary(max).max(first)).filter(|end| *end < text.len());
    by_chars.into_iter().chain(by_bytes).min()
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
