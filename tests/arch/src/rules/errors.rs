use std::collections::{BTreeMap, BTreeSet};

use crate::{Source, Tree, Violation, source::Call};

const PAGES: &str = "docs/errors/";
const LONGEST_PAGE: usize = 12;
const DOMAIN: &str = "crates/domain/src/error.rs";

/// The constructors of `weft_domain::Error` that take a reason, their code, and which argument it is.
const CONSTRUCTORS: [(&str, Option<&str>, usize); 6] = [
    ("new", None, 1),
    ("invalid", Some("invalid"), 0),
    ("unauthenticated", Some("unauthenticated"), 0),
    ("conflict", Some("conflict"), 0),
    ("precondition", Some("precondition"), 0),
    ("unavailable", Some("unavailable"), 0),
];

/// Where a reason is not written out at the call: the words it can be.
const DERIVED: [(&str, &[&str]); 3] = [
    (DOMAIN, &[]),
    (
        "crates/rpc/src/status.rs",
        &["deadline_exceeded", "internal", "invalid_request", "not_found", "service_unavailable"],
    ),
    (
        "crates/web/src/edge/answers.rs",
        &[
            "conflict",
            "forbidden",
            "internal",
            "not_found",
            "precondition",
            "throttled",
            "timeout",
            "unauthenticated",
            "unavailable",
        ],
    ),
];

/// One use of a reason.
struct Use {
    file: String,
    line: usize,
    code: Option<String>,
}

/// Every reason has a page that says what to do about it, and no page is left over.
pub fn error_pages(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut uses: BTreeMap<String, Vec<Use>> = BTreeMap::new();
    for (file, text) in tree.production().filter(|(_, text)| text.contains("Error")) {
        let derived = DERIVED.iter().find(|(path, _)| *path == file);
        for word in derived.map_or(&[][..], |(_, words)| words) {
            let one = Use { file: file.to_owned(), line: 1, code: None };
            uses.entry((*word).to_owned()).or_default().push(one);
        }
        for call in calls(file, text) {
            match read(&call) {
                Reading::NotOurs => {}
                Reading::Reason { reason, code } => {
                    let one = Use { file: file.to_owned(), line: call.line, code };
                    uses.entry(reason).or_default().push(one);
                }
                Reading::Unclear if derived.is_some() => {}
                Reading::Unclear => {
                    let remedy = "write the snake_case word out at the call, so that its page can be found";
                    found.push(Violation::new(
                        file,
                        call.line,
                        "the reason of this error cannot be read",
                        remedy,
                    ));
                }
            }
        }
    }
    for (reason, all) in &uses {
        found.extend(page_of(tree, reason, all));
    }
    found.extend(orphans(tree, &uses));
    found
}

fn calls(file: &str, text: &str) -> Vec<Call> {
    let source = Source::read(text);
    let mut calls = source.calls("Error");
    if file == DOMAIN {
        calls.extend(source.calls("Self"));
    }
    calls
}

enum Reading {
    NotOurs,
    Unclear,
    Reason { reason: String, code: Option<String> },
}

fn read(call: &Call) -> Reading {
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

fn page_of(tree: &Tree, reason: &str, uses: &[Use]) -> Vec<Violation> {
    let Some(first) = uses.first() else { return Vec::new() };
    let path = format!("{PAGES}{reason}.md");
    let Some(page) = tree.text(&path) else {
        let what = format!("the reason `{reason}` has no page");
        let remedy = format!("write `{path}`: what it means, the HTTP status, what to do, an example");
        return vec![Violation::new(&first.file, first.line, what, remedy)];
    };
    let mut found = Vec::new();
    if page.lines().next() != Some(&format!("# {reason}")) {
        found.push(Violation::new(
            &path,
            1,
            "the page has another title",
            format!("begin with `# {reason}`"),
        ));
    }
    if page.lines().count() > LONGEST_PAGE {
        let what = format!("the page is longer than {LONGEST_PAGE} lines");
        found.push(Violation::new(&path, LONGEST_PAGE + 1, what, "say what to do, and no more"));
    }
    let codes: BTreeSet<&str> = uses.iter().filter_map(|one| one.code.as_deref()).collect();
    for code in codes.into_iter().filter(|code| !page.contains(&format!("`{code}`"))) {
        let what = format!("the page does not name the code `{code}`, which sources use with this reason");
        found.push(Violation::new(
            &path,
            1,
            what,
            "name it with its HTTP status, or give that use another reason",
        ));
    }
    found
}

fn orphans(tree: &Tree, uses: &BTreeMap<String, Vec<Use>>) -> Vec<Violation> {
    let pages = tree.files(&["md"]).filter_map(|(path, _)| {
        let reason = path.strip_prefix(PAGES)?.strip_suffix(".md")?;
        (reason != "README" && !uses.contains_key(reason)).then_some(path)
    });
    pages.map(|path| Violation::new(path, 1, "no source gives this reason", "delete the page")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::broken;

    const MANIFEST: (&str, &str) =
        ("crates/a/Cargo.toml", "[package]\nname = \"x\"\nmetadata.weft.floor = 3\n");
    const PAGE: (&str, &str) = ("docs/errors/too_much.md", "# too_much\n\n`too_large` · HTTP 413\n");

    fn with(code: &str, page: (&str, &str)) -> Vec<(String, usize)> {
        broken(error_pages, &[MANIFEST, ("crates/a/src/a.rs", code), page])
    }

    #[test]
    fn a_reason_without_a_page_and_a_page_without_a_reason_are_found() {
        let right =
            "fn a() {\n weft_domain::Error::new(\n weft_domain::ErrorCode::TooLarge, \"too_much\", words) }";
        let here = |line| ("crates/a/src/a.rs".to_owned(), line);
        let page = |line| (PAGE.0.to_owned(), line);
        assert_eq!(with(right, PAGE), []);
        assert_eq!(with("fn a() { io::Error::new(Kind::A, \"no word of ours\") }", PAGE), [page(1)]);
        assert_eq!(with(right, ("docs/errors/README.md", "# Errors")), [here(2)]);
        assert_eq!(with(right, (PAGE.0, "# another\n`too_large`")), [page(1)]);
        assert_eq!(with(right, (PAGE.0, &format!("{}{}", PAGE.1, "\n".repeat(12)))), [page(13)]);
    }

    #[test]
    fn each_constructor_is_read_and_its_code_is_on_the_page() {
        for (constructor, code, _) in CONSTRUCTORS.into_iter().skip(1) {
            let use_of = format!("fn a() {{ Error::{constructor}(\"too_much\", words) }}");
            assert_eq!(with(&use_of, PAGE), [(PAGE.0.to_owned(), 1)], "{constructor}");
            let text = format!("# too_much\n`{}`", code.unwrap());
            assert_eq!(with(&use_of, (PAGE.0, &text)), [], "{constructor}");
        }
    }

    #[test]
    fn a_reason_that_cannot_be_read_is_found() {
        for reason in ["reason", "\"Too much\"", "concat!(\"a\")"] {
            let found =
                with(&format!("fn a() {{ Error::invalid({reason}, words) }}"), ("docs/errors/README.md", ""));
            assert_eq!(found, [("crates/a/src/a.rs".to_owned(), 1)], "{reason}");
        }
    }
}
