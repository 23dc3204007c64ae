use crate::{Tree, Violation};

const LONGEST: usize = 400;

/// A module with parts is `name.rs` beside `name/`, so that no two files have the same name in an editor.
pub fn module_files(tree: &Tree) -> Vec<Violation> {
    let old = tree.files(&["rs"]).filter(|(path, _)| path.ends_with("/mod.rs"));
    old.map(|(path, _)| {
        let renamed = format!("{}.rs", path.trim_end_matches("/mod.rs"));
        Violation::new(path, 1, "a module is in a `mod.rs`", format!("move it to `{renamed}`"))
    })
    .collect()
}

/// A file can be read in one sitting.
pub fn file_sizes(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for (path, text) in tree.files(&["rs"]) {
        let lines = text.lines().count();
        if lines > LONGEST {
            let what = format!("{lines} lines are more than {LONGEST}");
            found.push(Violation::new(path, LONGEST + 1, what, "take one idea out into a file of its own"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::broken;

    #[test]
    fn a_mod_rs_and_a_long_file_are_found() {
        let long = "\n".repeat(401);
        let files = [("crates/a/src/b/mod.rs", ""), ("crates/a/src/c.rs", long.as_str())];
        assert_eq!(broken(module_files, &files), [("crates/a/src/b/mod.rs".to_owned(), 1)]);
        assert_eq!(broken(file_sizes, &files), [("crates/a/src/c.rs".to_owned(), 401)]);
    }
}
