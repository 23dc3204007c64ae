use crate::{Tree, Violation};

/// Names that say nothing: everything ends up in there.
const EMPTY_NAMES: [&str; 9] =
    ["common", "commons", "core", "helper", "helpers", "misc", "types", "util", "utils"];

/// Most of this package is generated, so it cannot take the workspace's lints whole.
const OWN_LINTS: &str = "weft-proto";

/// A package is named after its folder, and its name says what it does.
pub fn package_names(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for package in tree.packages() {
        let short = package.short_name();
        let expected = match package.folder.starts_with("tests/") {
            true => format!("weft-tests-{short}"),
            false => format!("weft-{short}"),
        };
        if package.name != expected {
            let what = format!("`{}` lives in `{}`", package.name, package.folder);
            found.push(Violation::new(&package.manifest(), 1, what, format!("call it `{expected}`")));
        }
        if let Some(word) = short.split('-').find(|word| EMPTY_NAMES.contains(word)) {
            let what = format!("`{word}` says nothing about what is in there");
            let remedy = "put each part where the thing it helps lives, or name the crate after what it does";
            found.push(Violation::new(&package.manifest(), 1, what, remedy));
        }
    }
    found
}

/// Every package takes the workspace's lints.
pub fn lints(tree: &Tree) -> Vec<Violation> {
    let without = tree.packages().iter().filter(|one| !one.inherits_lints && one.name != OWN_LINTS);
    let what = "this package does not take the workspace's lints";
    without
        .map(|one| Violation::new(&one.manifest(), 1, what, "add `[lints]` with `workspace = true`"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::broken;

    #[test]
    fn a_wrong_or_empty_name_is_found() {
        let wrong = ("services/media/Cargo.toml", "[package]\nname = \"weft-files\"\n");
        let empty = ("crates/web-utils/Cargo.toml", "[package]\nname = \"weft-web-utils\"\n");
        let right = ("tests/arch/Cargo.toml", "[package]\nname = \"weft-tests-arch\"\n");
        let expected = [(empty.0.to_owned(), 1), (wrong.0.to_owned(), 1)];
        assert_eq!(broken(package_names, &[wrong, empty, right]), expected);
    }

    #[test]
    fn a_package_without_the_workspaces_lints_is_found() {
        let without = ("crates/bus/Cargo.toml", "[package]\nname = \"weft-bus\"\n");
        let with = ("crates/web/Cargo.toml", "[package]\nname = \"weft-web\"\n[lints]\nworkspace = true\n");
        let generated = ("crates/proto/Cargo.toml", "[package]\nname = \"weft-proto\"\n");
        assert_eq!(broken(lints, &[without, with, generated]), [(without.0.to_owned(), 1)]);
    }
}
