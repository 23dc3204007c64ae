use crate::{Tree, Violation};

/// What a visitor finds in the root folder; everything else has a better place.
const ROOT: [&str; 20] = [
    ".ci",
    ".config",
    ".gitignore",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "Makefile",
    "README.md",
    "clippy.toml",
    "crates",
    "deploy",
    "docker-compose.yml",
    "docs",
    "k8s",
    "proto",
    "rustfmt.toml",
    "services",
    "tests",
    // Docker reads it here and nowhere else.
    ".dockerignore",
];

/// The root folder holds what the design lists and nothing else.
pub fn root_folder(tree: &Tree) -> Vec<Violation> {
    let strangers = tree.root().iter().filter(|name| !ROOT.contains(&name.as_str()));
    let remedy =
        "move it to `docs`, `deploy`, `tests` or the crate it belongs to, or ignore it in .gitignore";
    strangers.map(|name| Violation::new(name, 1, "this does not belong in the root folder", remedy)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::broken;

    #[test]
    fn a_stranger_in_the_root_is_found() {
        let files = [("Makefile", ""), ("NOTES.md", ""), ("docs/a.md", ""), ("scripts/x.sh", "")];
        let expected = [("NOTES.md".to_owned(), 1), ("scripts".to_owned(), 1)];
        assert_eq!(broken(root_folder, &files), expected);
    }
}
