use crate::{Source, Tree, Violation};

/// How the reason of a test begins that another test runs as a process of its own.
const PROCESS: &str = "the process that another test ";

/// A test that is left out says which issue brings it back, or which other test runs it.
pub fn ignored_tests(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for (path, text) in tree.files(&["rs"]).filter(|(_, text)| text.contains("ignore")) {
        let lines: Vec<&str> = text.lines().collect();
        for line in Source::read(text).find_anywhere(&["#", "[", "ignore"]) {
            let reason = reason(lines.get(line - 1).copied().unwrap_or_default());
            let is_process = reason.starts_with(PROCESS) && text.contains("current_exe");
            if !is_process && !names_issue(reason) {
                let remedy = "mend it, delete it, or name the issue: `#[ignore = \"#123: …\"]`";
                found.push(Violation::new(path, line, "a test is left out without an issue", remedy));
            }
        }
    }
    found
}

fn reason(attribute: &str) -> &str {
    attribute.split('"').nth(1).unwrap_or_default()
}

fn names_issue(reason: &str) -> bool {
    reason.split('#').skip(1).any(|after| after.starts_with(|first: char| first.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::broken;

    #[test]
    fn an_ignored_test_needs_an_issues_number() {
        let code =
            "#[ignore]\nfn a() {}\n#[ignore = \"slow\"]\nfn b() {}\n#[ignore = \"#12: slow\"]\nfn c() {}";
        let found = broken(ignored_tests, &[("crates/a/tests/a.rs", code)]);
        assert_eq!(found.iter().map(|(_, line)| *line).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn a_test_that_another_runs_as_a_process_needs_none() {
        let code = "#[ignore = \"the process that another test stops\"]\nfn child() {}";
        let run = format!("{code}\nfn parent() {{ std::env::current_exe(); }}");
        assert_eq!(broken(ignored_tests, &[("crates/a/tests/a.rs", code)]).len(), 1);
        assert_eq!(broken(ignored_tests, &[("crates/a/tests/a.rs", &run)]), []);
    }
}
