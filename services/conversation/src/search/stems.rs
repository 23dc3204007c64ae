use std::collections::BTreeSet;

use snowball_stemmers_rs::{Algorithm, Stemmer};

use super::fold;

/// Shorter texts do not tell their language.
const SHORTEST_TEXT: usize = 24;
/// Shorter words have no other forms worth looking for.
const SHORTEST_WORD: usize = 3;

/// Languages by the two and three letters of ISO 639, and the script that words have to be of.
const KNOWN: [(&str, &str, Script, Algorithm); 29] = [
    ("en", "eng", Script::Latin, Algorithm::English),
    ("de", "deu", Script::Latin, Algorithm::German),
    ("fr", "fra", Script::Latin, Algorithm::French),
    ("es", "spa", Script::Latin, Algorithm::Spanish),
    ("it", "ita", Script::Latin, Algorithm::Italian),
    ("pt", "por", Script::Latin, Algorithm::Portuguese),
    ("nl", "nld", Script::Latin, Algorithm::Dutch),
    ("sv", "swe", Script::Latin, Algorithm::Swedish),
    ("da", "dan", Script::Latin, Algorithm::Danish),
    ("no", "nob", Script::Latin, Algorithm::Norwegian),
    ("nb", "nob", Script::Latin, Algorithm::Norwegian),
    ("fi", "fin", Script::Latin, Algorithm::Finnish),
    ("hu", "hun", Script::Latin, Algorithm::Hungarian),
    ("ro", "ron", Script::Latin, Algorithm::Romanian),
    ("tr", "tur", Script::Latin, Algorithm::Turkish),
    ("pl", "pol", Script::Latin, Algorithm::Polish),
    ("cs", "ces", Script::Latin, Algorithm::Czech),
    ("ca", "cat", Script::Latin, Algorithm::Catalan),
    ("lt", "lit", Script::Latin, Algorithm::Lithuanian),
    ("et", "est", Script::Latin, Algorithm::Estonian),
    ("id", "ind", Script::Latin, Algorithm::Indonesian),
    ("ru", "rus", Script::Cyrillic, Algorithm::Russian),
    ("uk", "ukr", Script::Cyrillic, Algorithm::Ukrainian),
    ("el", "ell", Script::Greek, Algorithm::Greek),
    ("ar", "ara", Script::Arabic, Algorithm::Arabic),
    ("fa", "pes", Script::Arabic, Algorithm::Persian),
    ("hi", "hin", Script::Devanagari, Algorithm::Hindi),
    ("ta", "tam", Script::Tamil, Algorithm::Tamil),
    ("hy", "hye", Script::Armenian, Algorithm::Armenian),
];

/// The first of [`KNOWN`] are tried on a short text of which nothing is known.
const USUAL: usize = 7;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
    Greek,
    Arabic,
    Devanagari,
    Tamil,
    Armenian,
}

/// The languages that words are taken to be of.
#[derive(Clone, Debug)]
pub(super) struct Languages(Vec<usize>);

impl Languages {
    /// Of a text whose writer may be known to speak one.
    pub(super) fn of(text: &str, spoken: Option<&str>) -> Self {
        let is_long = text.chars().filter(|letter| letter.is_alphabetic()).nth(SHORTEST_TEXT).is_some();
        let read = is_long.then(|| whatlang::detect(text)).flatten().filter(whatlang::Info::is_reliable);
        if let Some(index) = read.and_then(|info| by(|(_, three, ..)| *three == info.lang().code())) {
            return Self(vec![index]);
        }
        let first = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_lowercase();
        match spoken.map(first).and_then(|tag| by(|(two, three, ..)| *two == tag || *three == tag)) {
            Some(0) => Self(vec![0]),
            Some(index) => Self(vec![0, index]),
            // the other scripts have few languages each
            None => Self((0..USUAL).chain(not_latin()).collect()),
        }
    }

    /// Every language: what is asked for is too short to tell.
    pub(super) fn all() -> Self {
        Self((0..KNOWN.len()).collect())
    }

    /// What a word is in the other forms of itself, folded. The word itself is not among it.
    pub(super) fn stems(&self, word: &str) -> BTreeSet<String> {
        let lower = word.to_lowercase();
        let letters = lower.chars().count();
        let Some(script) = lower.chars().next().and_then(script) else { return BTreeSet::new() };
        if !(SHORTEST_WORD..=40).contains(&letters) || !lower.chars().all(char::is_alphabetic) {
            return BTreeSet::new();
        }
        let of_script = self.0.iter().filter_map(|index| KNOWN.get(*index)).filter(|one| one.2 == script);
        let mut stems: BTreeSet<String> =
            of_script.map(|one| fold::fold(&Stemmer::create(one.3).stem(&lower))).collect();
        stems.retain(|stem| stem.chars().nth(1).is_some());
        stems.remove(&fold::fold(word));
        stems
    }
}

fn by(fits: impl Fn(&(&str, &str, Script, Algorithm)) -> bool) -> Option<usize> {
    KNOWN.iter().position(fits)
}

fn not_latin() -> impl Iterator<Item = usize> {
    KNOWN.iter().enumerate().filter(|(_, one)| one.2 != Script::Latin).map(|(index, _)| index)
}

fn script(letter: char) -> Option<Script> {
    Some(match letter {
        'a'..='z' | '\u{00c0}'..='\u{024f}' | '\u{1e00}'..='\u{1eff}' => Script::Latin,
        '\u{0370}'..='\u{03ff}' | '\u{1f00}'..='\u{1fff}' => Script::Greek,
        '\u{0400}'..='\u{052f}' => Script::Cyrillic,
        '\u{0530}'..='\u{058f}' => Script::Armenian,
        '\u{0620}'..='\u{06ff}' => Script::Arabic,
        '\u{0900}'..='\u{097f}' => Script::Devanagari,
        '\u{0b80}'..='\u{0bff}' => Script::Tamil,
        _ => return None,
    })
}
