use crate::{Source, source::Call};

/// The constructors of `weft_domain::Error` that take a reason, their code, and which argument it is.
pub(super) const CONSTRUCTORS: [(&str, Option<&str>, usize); 6] = [
    ("new", None, 1),
    ("invalid", Some("invalid"), 0),
    ("unauthenticated", Some("unauthenticated"), 0),
    ("conflict", Some("conflict"), 0),
    ("precondition", Some("precondition"), 0),
    ("unavailable", Some("unavailable"), 0),
];

/// Where `Self` is the error.
const IMPLS: [&str; 3] = ["impl Error {", "for Error {", "for weft_domain::Error {"];

/// The calls that may make an error.
pub(super) fn calls(text: &str) -> Vec<Call> {
    let source = Source::read(text);
    let mut calls = source.calls("Error");
    if IMPLS.iter().any(|start| text.contains(start)) {
        calls.extend(source.calls("Self"));
    }
    calls
}

/// What a call says about its reason.
pub(super) enum Reading {
    NotOurs,
    Unclear,
    Reason { reason: String, code: Option<String> },
}

/// Reads the reason and the code of a call.
pub(super) fn read(call: &Call) -> Reading {
    let constructor = CONSTRUCTORS.iter().find(|(name, _, _)| *name == call.function);
    let Some((_, fixed_code, at)) = constructor else { return Reading::NotOurs };
    if call.within.as_deref() == Some("io") {
        return Reading::NotOurs;
    }
    let code = match fixed_code {
        Some(code) => Some((*code).to_owned()),
        None => call.arguments.first().and_then(|words| stated_code(words)),
    };
    let Some([literal]) = call.arguments.get(*at).map(Vec::as_slice) else { return Reading::Unclear };
    let word = literal.trim_matches('"');
    let is_word = !word.is_empty()
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    match literal.starts_with('"') && is_word {
        true => Reading::Reason { reason: word.to_owned(), code },
        false => Reading::Unclear,
    }
}

/// `ErrorCode::TooLarge` as `too_large`.
fn stated_code(words: &[String]) -> Option<String> {
    let [.., of, _, _, variant] = words else { return None };
    if of != "ErrorCode" {
        return None;
    }
    let mut snake = String::new();
    for letter in variant.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    Some(snake)
}
