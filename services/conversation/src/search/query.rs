use std::{collections::BTreeSet, ops::Range};

use weft_domain::{Error, Result};

use super::{
    Words, fold,
    pieces::{self, Piece, Word},
    stems::Languages,
};
use crate::address;

/// So many words are looked for.
const MOST_TERMS: usize = 10;
/// The shortest beginning of a word that is looked for in messages: shorter ones have too many ends.
const SHORTEST_BEGINNING: usize = 3;
/// The same among names, of which there are fewer.
const SHORTEST_BEGINNING_OF_NAME: usize = 2;
/// Digits of a number that stand together, and that stand in groups, when one looks for it.
const DIGITS: (usize, usize) = (4, 5);
/// Words that may have a letter wrong.
const TYPO: std::ops::RangeInclusive<usize> = 4..=20;

/// What tokens are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Find {
    /// All of these.
    All(Vec<Find>),
    /// Any of these.
    Any(Vec<Find>),
    /// A word; whose, is said when it is asked.
    Word(String),
    /// A word that begins so.
    Begins(String),
    /// A token as it is.
    Token(String),
}

/// One word that was asked for, or several that are written as one.
#[derive(Clone, Debug)]
struct Term {
    /// As it was typed, folded.
    exact: String,
    /// Its letters, where it is one word of a script that has spaces.
    word: Option<String>,
    /// It may go on.
    is_beginning: bool,
    /// Other forms, and other ways to write it.
    forms: BTreeSet<String>,
    /// What it is together with, or in the place of, its words: a number, an address.
    whole: Vec<Find>,
    /// Its words, where it is several.
    parts: Vec<Find>,
}

/// What somebody looks for.
#[derive(Clone, Debug)]
pub(crate) struct Query(Vec<Term>);

impl Query {
    /// Reads what somebody typed.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let letters: Vec<char> = text.chars().collect();
        let words = pieces::words(text);
        let mut whole: Vec<(Range<usize>, Vec<Find>, String)> = Vec::new();
        for (span, digits) in pieces::numbers(&letters, DIGITS) {
            let covered = |word: &Word| span.start <= word.span.start && word.span.end <= span.end;
            let first = words.iter().position(covered).unwrap_or_default();
            let range = first..first + words.iter().filter(|word| covered(word)).count();
            let is_abroad = span.start.checked_sub(1).and_then(|at| letters.get(at)) == Some(&'+')
                || letters.get(span.clone()).is_some_and(|typed| typed.starts_with(&['0', '0']));
            let at_home = is_abroad.then(|| address::national(&digits)).flatten();
            let ways =
                std::iter::once(digits.clone()).chain(at_home).map(|way| Find::Begins(format!("_{way}")));
            whole.push((range, ways.collect(), digits));
        }
        for (range, token) in pieces::compounds(&letters, &words) {
            if whole.iter().all(|(other, ..)| other.end <= range.start || range.end <= other.start) {
                whole.push((range, vec![Find::Begins(token.clone())], token));
            }
        }
        whole.retain(|(range, ..)| !range.is_empty());
        whole.sort_by_key(|(range, ..)| range.start);
        let mut terms = Vec::new();
        let mut at = 0;
        let mut whole = whole.into_iter().peekable();
        while let Some(word) = words.get(at) {
            let is_last = |word: &Word| word.span.end == letters.len();
            if let Some((range, ways, exact)) = whole.next_if(|(range, ..)| range.start == at) {
                let parts = words.get(range.clone()).unwrap_or_default();
                let parts =
                    parts.iter().map(|part| one(part, is_last(part)).find(SHORTEST_BEGINNING)).collect();
                terms.push(Term { whole: ways, parts, ..Term::of(exact) });
                at = range.end;
                continue;
            }
            terms.push(one(word, is_last(word)));
            at += 1;
        }
        terms.retain(|term| !term.exact.is_empty());
        terms.truncate(MOST_TERMS);
        if terms.is_empty() {
            let words = "`q` must have a word or a number in it";
            return Err(Error::invalid("query_too_short", words).with_field("q"));
        }
        Ok(Self(terms))
    }

    /// What messages have that fit.
    pub(crate) fn in_messages(&self) -> Find {
        Find::All(self.0.iter().map(|term| term.find(SHORTEST_BEGINNING)).collect())
    }

    /// What contacts have that fit: names may have a letter wrong.
    pub(crate) fn in_contacts(&self) -> Find {
        let each = self.0.iter().map(|term| {
            let mut ways = vec![term.find(SHORTEST_BEGINNING_OF_NAME)];
            ways.extend(term.word.iter().flat_map(|word| near(word)).map(Find::Token));
            Find::Any(ways)
        });
        Find::All(each.collect())
    }

    /// How well pieces fit each of its words, from 0 to 4. The first token of a piece is what stands there; the others are
    /// other forms of it.
    pub(super) fn scores(&self, pieces: &[Piece]) -> Vec<u32> {
        let score = |term: &Term, piece: &Piece| {
            let each = piece.tokens.iter().enumerate();
            let each = each.map(|(index, token)| term.score(token).min(if index == 0 { 4 } else { 2 }));
            each.max().unwrap_or_default()
        };
        let best = |term: &Term| pieces.iter().map(|piece| score(term, piece)).max().unwrap_or_default();
        self.0.iter().map(best).collect()
    }
}

fn one(word: &Word, is_last: bool) -> Term {
    if word.is_unspaced {
        let pairs = pieces::pairs(word);
        let mut tokens: Vec<String> = pairs.into_iter().flat_map(|pair| pair.tokens).collect();
        if word.span.len() > 1 {
            tokens.pop();
        }
        let is_one = tokens.len() == 1 && word.span.len() == 1;
        let find = |token: String| if is_one { Find::Begins(token) } else { Find::Word(token) };
        return Term { parts: tokens.into_iter().map(find).collect(), ..Term::of(fold::fold(&word.text)) };
    }
    let exact = fold::fold(&word.text);
    let forms = pieces::forms(&word.text, &Languages::all()).into_iter().filter(|form| *form != exact);
    Term { word: Some(exact.clone()), is_beginning: is_last, forms: forms.collect(), ..Term::of(exact) }
}

impl Term {
    fn of(exact: String) -> Self {
        Self {
            exact,
            word: None,
            is_beginning: false,
            forms: BTreeSet::new(),
            whole: Vec::new(),
            parts: Vec::new(),
        }
    }

    fn find(&self, shortest_beginning: usize) -> Find {
        if self.word.is_none() {
            let mut ways = self.whole.clone();
            if !self.parts.is_empty() {
                ways.push(Find::All(self.parts.clone()));
            }
            return Find::Any(ways);
        }
        let begins = self.is_beginning && self.exact.chars().count() >= shortest_beginning;
        let exact = if begins { Find::Begins } else { Find::Word }(self.exact.clone());
        Find::Any(std::iter::once(exact).chain(self.forms.iter().cloned().map(Find::Word)).collect())
    }

    /// How well a token fits: as it was typed 4, as its beginning 3, another form or a part of it 2, with a letter wrong 1.
    fn score(&self, token: &str) -> u32 {
        if token == self.exact || token.strip_prefix('_') == Some(&self.exact) {
            return 4;
        }
        let is_leaf = |find: &Find| match find {
            Find::Word(word) => word == token,
            Find::Begins(start) => token.starts_with(start.as_str()),
            Find::All(_) | Find::Any(_) | Find::Token(_) => false,
        };
        if self.whole.iter().any(is_leaf) || self.is_beginning && token.starts_with(self.exact.as_str()) {
            return 3;
        }
        if self.forms.contains(token) || self.parts.iter().any(|part| part.any(&is_leaf)) {
            return 2;
        }
        let is_near =
            |word: &String| TYPO.contains(&word.chars().count()) && strsim::osa_distance(word, token) <= 1;
        u32::from(self.word.as_ref().is_some_and(is_near))
    }
}

/// Tokens that two words share when they are one letter apart: each letter left out once.
pub(super) fn near(word: &str) -> BTreeSet<String> {
    let letters: Vec<char> = word.chars().collect();
    if !TYPO.contains(&letters.len()) || word.starts_with('_') {
        return BTreeSet::new();
    }
    let without = |left_out: usize| {
        let rest = letters.iter().enumerate().filter(|(at, _)| *at != left_out);
        std::iter::once('y').chain(rest.map(|(_, letter)| *letter)).collect()
    };
    (0..=letters.len()).map(without).collect()
}

impl Find {
    fn any(&self, fits: &dyn Fn(&Self) -> bool) -> bool {
        match self {
            Self::All(finds) | Self::Any(finds) => finds.iter().any(|find| find.any(fits)),
            leaf => fits(leaf),
        }
    }

    /// As PostgreSQL reads it, words being of this kind.
    pub(crate) fn postgres(&self, words: Words) -> String {
        let mut text = String::new();
        self.write(&mut text, words, &Dialect { and: " & ", or: " | ", quote: '\'', begins: ":*" });
        text
    }

    /// As SQLite's FTS5 reads it, words being of this kind.
    pub(crate) fn sqlite(&self, words: Words) -> String {
        let mut text = String::new();
        self.write(&mut text, words, &Dialect { and: " AND ", or: " OR ", quote: '"', begins: " *" });
        text
    }

    // tokens are letters, digits and `_`, so that nothing in them ends a quotation
    fn write(&self, text: &mut String, words: Words, dialect: &Dialect) {
        let quote = dialect.quote;
        let mut put = |token: &str, end: &str| {
            text.push(quote);
            text.push_str(token);
            text.push(quote);
            text.push_str(end);
        };
        match self {
            Self::Word(word) => put(&format!("{}{word}", words.letter()), ""),
            Self::Begins(word) => put(&format!("{}{word}", words.letter()), dialect.begins),
            Self::Token(token) => put(token, ""),
            Self::All(finds) | Self::Any(finds) => {
                let between = if matches!(self, Self::All(_)) { dialect.and } else { dialect.or };
                text.push('(');
                for (index, find) in finds.iter().enumerate() {
                    if index > 0 {
                        text.push_str(between);
                    }
                    find.write(text, words, dialect);
                }
                text.push(')');
            }
        }
    }
}

struct Dialect {
    and: &'static str,
    or: &'static str,
    quote: char,
    begins: &'static str,
}
