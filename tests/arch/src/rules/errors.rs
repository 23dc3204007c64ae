#[cfg(test)]
mod tests;

mod reason;

use std::collections::{BTreeMap, BTreeSet};

use self::reason::{Reading, calls, read};
use crate::{Tree, Violation};

const PAGES: &str = "docs/errors/";
const LONGEST_PAGE: usize = 12;
const DOMAIN: &str = "crates/domain/src/error.rs";

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
        for call in calls(text) {
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
