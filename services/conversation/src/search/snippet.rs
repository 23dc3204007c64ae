use weft_proto::conversation::v1::{Snippet, snippet};

use super::{
    pieces::{self, Piece},
    query::Query,
    stems::Languages,
};

/// So many characters of a text are looked through.
pub(super) const LOOKED_THROUGH: usize = 20_000;
/// So many characters are shown.
const SHOWN: usize = 160;
/// So many of them before what fits.
const BEFORE: usize = 40;

/// Words of something, and where they are from.
pub(crate) type Passage = (&'static str, String);

/// How well something fits.
#[derive(Clone, Debug)]
pub(crate) struct Fit {
    /// The larger, the better.
    pub(crate) score: u32,
    /// Whether all that was asked for is in it.
    pub(crate) has_all: bool,
    /// What fits in it.
    pub(crate) snippet: Snippet,
}

/// How well passages fit, and the words around what fits best.
pub(crate) fn best(query: &Query, passages: &[Passage], spoken: Option<&str>) -> Fit {
    let mut all: Vec<u32> = Vec::new();
    let mut best: Option<(u32, &Passage, Vec<Piece>)> = None;
    for passage in passages {
        let text: String = passage.1.chars().take(LOOKED_THROUGH).collect();
        let pieces = pieces::pieces(&text, &Languages::of(&text, spoken));
        let scores = query.scores(&pieces);
        let sum: u32 = scores.iter().sum();
        all.resize(scores.len(), 0);
        all.iter_mut().zip(&scores).for_each(|(known, score)| *known = (*known).max(*score));
        if best.as_ref().is_none_or(|(known, ..)| sum > *known) {
            best = Some((sum, passage, pieces));
        }
    }
    let shown = best.map(|(_, passage, pieces)| shown(query, passage, &pieces));
    Fit {
        score: all.iter().sum(),
        has_all: !all.is_empty() && all.iter().all(|score| *score > 0),
        snippet: shown.unwrap_or_default(),
    }
}

fn shown(query: &Query, (from, text): &Passage, pieces: &[Piece]) -> Snippet {
    let mut spans: Vec<std::ops::Range<usize>> = pieces
        .iter()
        .filter(|piece| query.scores(std::slice::from_ref(piece)).iter().any(|score| *score > 0))
        .map(|piece| piece.span.clone())
        .collect();
    spans.sort_by_key(|span| (span.start, span.end));
    let letters: Vec<char> = text.chars().collect();
    let first = spans.first().map_or(0, |span| span.start);
    let mut start = if letters.len() <= SHOWN { 0 } else { first.saturating_sub(BEFORE) };
    // a word is not cut where it can be helped
    while start > 0 && start < first && letters.get(start - 1).is_some_and(|letter| !letter.is_whitespace()) {
        start += 1;
    }
    let end = letters.len().min(start + SHOWN);
    let shown = letters.get(start..end).unwrap_or_default();
    let mut ranges: Vec<std::ops::Range<usize>> = Vec::new();
    for span in spans {
        let span = span.start.clamp(start, end) - start..span.end.clamp(start, end) - start;
        match ranges.last_mut() {
            Some(last) if span.start <= last.end && !span.is_empty() => last.end = last.end.max(span.end),
            _ if span.is_empty() => {}
            _ => ranges.push(span),
        }
    }
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let range = |span: std::ops::Range<usize>| snippet::Range {
        start: number(span.start),
        length: number(span.len()),
    };
    Snippet {
        from: (*from).to_owned(),
        text: shown.iter().map(|letter| if letter.is_control() { ' ' } else { *letter }).collect(),
        ranges: ranges.into_iter().map(range).collect(),
    }
}
