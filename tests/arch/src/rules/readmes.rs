use crate::{Package, Tree, Violation};

const DOC: &str = "#![doc = include_str!(\"../README.md\")]";
const LONGEST: usize = 60;
/// An adapter's README also tells the provider's API.
const LONGEST_OF_ADAPTER: usize = 150;

/// Each package has a short README, and it is the library's documentation.
pub fn readmes(tree: &Tree) -> Vec<Violation> {
    tree.packages()
        .iter()
        .flat_map(|package| [readme(tree, package), documentation(tree, package)])
        .flatten()
        .collect()
}

fn readme(tree: &Tree, package: &Package) -> Option<Violation> {
    let path = format!("{}/README.md", package.folder);
    let Some(text) = tree.text(&path) else {
        return Some(Violation::new(
            &path,
            1,
            "there is no README",
            "say what it is, what not, how to use it",
        ));
    };
    let longest = match package.folder.starts_with("services/channel-") {
        true => LONGEST_OF_ADAPTER,
        false => LONGEST,
    };
    let lines = text.lines().count();
    let what = format!("{lines} lines are too many for a README; {longest} are enough");
    (lines > longest)
        .then(|| Violation::new(&path, longest + 1, what, "move details to the items they are about"))
}

fn documentation(tree: &Tree, package: &Package) -> Option<Violation> {
    let path = format!("{}/src/lib.rs", package.folder);
    let text = tree.text(&path)?;
    let remedy = format!("begin with `{DOC}`");
    (text.lines().next() != Some(DOC))
        .then(|| Violation::new(&path, 1, "the README is not the library's documentation", remedy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::broken;

    #[test]
    fn a_missing_long_or_unused_readme_is_found() {
        let manifest = "[package]\nname = \"x\"\n";
        let long = "line\n".repeat(61);
        let files = [
            ("crates/a/Cargo.toml", manifest),
            ("crates/a/README.md", "# a"),
            ("crates/a/src/lib.rs", "//! a\n"),
            ("crates/b/Cargo.toml", manifest),
            ("crates/c/Cargo.toml", manifest),
            ("crates/c/README.md", &long),
            ("crates/c/src/lib.rs", DOC),
            ("services/channel-d/Cargo.toml", manifest),
            ("services/channel-d/README.md", &long),
        ];
        let expected = [("crates/a/src/lib.rs", 1), ("crates/b/README.md", 1), ("crates/c/README.md", 61)];
        assert_eq!(broken(readmes, &files), expected.map(|(path, line)| (path.to_owned(), line)));
    }
}
