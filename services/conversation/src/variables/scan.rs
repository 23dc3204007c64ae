//! Reads what stands between the braces of a text, before the template engine does: that one knows loops and more, and goes
//! deeper than a stack may be.

use super::{LEVELS, NAMES};

/// So many words and signs stand between two braces.
const LONGEST_TAG: usize = 100;
/// So deep are brackets and conditions in each other.
const DEEPEST: usize = 10;
/// So many conditions one text has.
const MOST_CONDITIONS: usize = 100;

const FILTERS: [&str; 10] =
    ["default", "d", "upper", "lower", "title", "capitalize", "trim", "replace", "round", "int"];
const TESTS: [&str; 3] = ["defined", "undefined", "none"];
/// Words of the language itself.
const WORDS: [&str; 12] =
    ["true", "True", "false", "False", "none", "None", "and", "or", "not", "if", "else", "in"];

/// Why a text is refused.
pub(super) struct Refused {
    pub(super) line: usize,
    pub(super) words: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Token<'text> {
    Word(&'text str),
    Sign(char),
    /// A number, or words in quotes.
    Literal,
}

/// What stands between two braces, and on which line it begins.
struct Tag<'text> {
    tokens: Vec<Token<'text>>,
    line: usize,
}

/// Refuses what is neither a known variable nor a condition.
pub(super) fn read(text: &str) -> Result<(), Refused> {
    let mut cursor = Cursor { rest: text, line: 1 };
    let (mut depth, mut conditions) = (0_usize, 0_usize);
    while let Some(is_block) = cursor.next_opening()? {
        let tag = cursor.tag(if is_block { "%}" } else { "}}" })?;
        let Some((first, rest)) = tag.tokens.split_first() else {
            return Err(tag.refused("nothing stands between the braces; name a variable, or leave them out"));
        };
        if !is_block {
            tag.expression(&tag.tokens)?;
            continue;
        }
        match first {
            Token::Word("if") => {
                depth += 1;
                conditions += 1;
            }
            Token::Word("elif") => conditions += 1,
            Token::Word("endif") => depth = depth.saturating_sub(1),
            Token::Word("else") => {}
            Token::Word(other) => return Err(tag.refused(&unknown_statement(other))),
            _ => return Err(tag.refused(&unknown_statement("…"))),
        }
        if depth > DEEPEST || conditions > MOST_CONDITIONS {
            let words =
                format!("a text has at most {MOST_CONDITIONS} conditions, {DEEPEST} of them in each other");
            return Err(tag.refused(&words));
        }
        tag.expression(rest)?;
    }
    Ok(())
}

fn unknown_statement(word: &str) -> String {
    format!(
        "`{{% {word} %}}` is not known here: a text takes variables like `{{{{ contact.name }}}}`, and `if`, `elif`, `else` and `endif` between `{{%` and `%}}`"
    )
}

impl<'text> Tag<'text> {
    fn refused(&self, words: &str) -> Refused {
        Refused { line: self.line, words: words.to_owned() }
    }

    /// Refuses unknown variables, filters and tests.
    fn expression(&self, tokens: &[Token<'text>]) -> Result<(), Refused> {
        let mut rest = tokens.iter().copied();
        let (mut before, mut last) = (None, None);
        while let Some(token) = rest.next() {
            if let Token::Word(word) = token {
                let is_test = last == Some(Token::Word("is"))
                    || (before, last) == (Some(Token::Word("is")), Some(Token::Word("not")));
                match last {
                    Some(Token::Sign('|')) => self.one_of("filter", word, &FILTERS)?,
                    Some(Token::Sign('.')) => {}
                    _ if is_test && word != "not" => self.one_of("test", word, &TESTS)?,
                    _ if WORDS.contains(&word) || word == "is" || is_argument(rest.clone()) => {}
                    _ => {
                        let mut path = vec![word];
                        let mut ahead = rest.clone();
                        while let (Some(Token::Sign('.')), Some(Token::Word(next))) =
                            (ahead.next(), ahead.next())
                        {
                            path.push(next);
                        }
                        self.variable(&path)?;
                    }
                }
            }
            before = last;
            last = Some(token);
        }
        Ok(())
    }

    fn one_of(&self, what: &str, word: &str, known: &[&str]) -> Result<(), Refused> {
        if known.contains(&word) {
            return Ok(());
        }
        let words = format!("there is no {what} `{word}`; there are {}", known.join(", "));
        Err(self.refused(&words))
    }

    fn variable(&self, path: &[&str]) -> Result<(), Refused> {
        let name = path.join(".");
        let is_known = match path {
            ["contact" | "conversation", "fields", _] => true,
            _ => NAMES.contains(&name.as_str()),
        };
        if is_known {
            return Ok(());
        }
        let all = NAMES.join(", ");
        let fields = "contact.fields.<key> and conversation.fields.<key>";
        let words = if LEVELS.contains(&name.as_str()) {
            format!("`{name}` has several values; say which: there are {all}, {fields}")
        } else {
            format!("there is no variable `{name}`; there are {all}, {fields}")
        };
        Err(self.refused(&words))
    }
}

/// Whether a filter's argument is named: what follows is one `=`.
fn is_argument<'text>(mut rest: impl Iterator<Item = Token<'text>>) -> bool {
    rest.next() == Some(Token::Sign('=')) && rest.next() != Some(Token::Sign('='))
}

struct Cursor<'text> {
    rest: &'text str,
    line: usize,
}

impl<'text> Cursor<'text> {
    /// Goes behind the next opening brace, and tells whether a statement stands there.
    fn next_opening(&mut self) -> Result<Option<bool>, Refused> {
        loop {
            let Some((words, rest)) = self.rest.split_once('{') else { return Ok(None) };
            self.line += lines(words);
            self.rest = rest;
            let Some(after) = rest.strip_prefix(['{', '%', '#']) else { continue };
            let is_block = rest.starts_with('%');
            // a sign for the space before it
            self.rest = after.strip_prefix(['-', '+']).unwrap_or(after);
            if !rest.starts_with('#') {
                return Ok(Some(is_block));
            }
            let Some((comment, rest)) = self.rest.split_once("#}") else {
                let words = "the comment that begins with `{#` does not end; end it with `#}`".to_owned();
                return Err(Refused { line: self.line, words });
            };
            self.line += lines(comment);
            self.rest = rest;
        }
    }

    /// Reads up to the closing brace.
    fn tag(&mut self, end: &str) -> Result<Tag<'text>, Refused> {
        let mut tag = Tag { tokens: Vec::new(), line: self.line };
        let mut depth = 0_usize;
        loop {
            let trimmed = self.rest.trim_ascii_start();
            self.go(self.rest.len() - trimmed.len());
            let unsigned = self.rest.strip_prefix(['-', '+']).unwrap_or(self.rest);
            if let Some(rest) = [self.rest, unsigned].iter().find_map(|rest| rest.strip_prefix(end)) {
                if depth > 0 {
                    return Err(tag.refused("a bracket is not closed"));
                }
                self.rest = rest;
                return Ok(tag);
            }
            let Some(first) = self.rest.chars().next() else {
                return Err(tag.refused(&format!("it is not closed; close it with `{end}`")));
            };
            let token = match first {
                '"' | '\'' => {
                    let length =
                        quoted(self.rest).ok_or_else(|| tag.refused("words in quotes do not end"))?;
                    self.go(length);
                    Token::Literal
                }
                _ if first.is_ascii_digit() => {
                    self.word();
                    Token::Literal
                }
                _ if is_of_word(first) => Token::Word(self.word()),
                '{' | '}' => return Err(tag.refused("a single brace is not known between braces")),
                _ => {
                    match first {
                        '(' | '[' => depth += 1,
                        ')' | ']' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    self.go(first.len_utf8());
                    Token::Sign(first)
                }
            };
            tag.tokens.push(token);
            if tag.tokens.len() > LONGEST_TAG || depth > DEEPEST {
                let words = format!(
                    "at most {LONGEST_TAG} words and signs stand between braces, and {DEEPEST} brackets in each other"
                );
                return Err(tag.refused(&words));
            }
        }
    }

    fn word(&mut self) -> &'text str {
        let length = self.rest.find(|letter| !is_of_word(letter)).unwrap_or(self.rest.len());
        self.go(length)
    }

    fn go(&mut self, bytes: usize) -> &'text str {
        let (gone, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.line += lines(gone);
        self.rest = rest;
        gone
    }
}

/// How long the words in quotes are that a text begins with, the quotes among them.
fn quoted(text: &str) -> Option<usize> {
    let mut letters = text.char_indices();
    let (_, quote) = letters.next()?;
    let mut is_escaped = false;
    for (at, letter) in letters {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if letter == quote => return Some(at + letter.len_utf8()),
            _ => {}
        }
    }
    None
}

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

fn lines(text: &str) -> usize {
    text.matches('\n').count()
}
