use std::ops::RangeInclusive;

use crate::{Kind, Package, Tree, Violation};

/// The highest floor of a library.
const LIBRARIES: i64 = 6;
/// The tests, and the tests that stand on another test's fleet.
const TESTS: RangeInclusive<i64> = 9..=10;

/// A package states its floor, and depends on lower floors only; on the testkits only to test.
pub fn floors(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for package in tree.packages() {
        let Some(floor) = package.floor else {
            let remedy = "add `[package.metadata.weft]` with `floor = N` (docs/STYLE.md lists the floors)";
            found.push(Violation::new(&package.manifest(), 1, "this package states no floor", remedy));
            continue;
        };
        found.extend(misplaced(package, floor));
        found.extend(upward(tree, package, floor));
    }
    found
}

fn misplaced(package: &Package, floor: i64) -> Option<Violation> {
    let fits = match package.folder.as_str() {
        "services/fleet" => floor == 8,
        folder if folder.starts_with("services/") => floor == 7,
        folder if folder.starts_with("tests/") => TESTS.contains(&floor),
        _ => (0..=LIBRARIES).contains(&floor),
    };
    let remedy = "crates are on 0 to 6, services on 7, `services/fleet` on 8, tests on 9 and 10";
    let what = format!("floor {floor} does not belong in `{}`", package.folder);
    (!fits).then(|| Violation::new(&package.manifest(), 1, what, remedy))
}

fn upward(tree: &Tree, package: &Package, floor: i64) -> Vec<Violation> {
    let mut found = Vec::new();
    for dependency in &package.dependencies {
        let known = tree.packages().iter().find(|other| other.name == dependency.package);
        let Some(other_floor) = known.and_then(|other| other.floor) else { continue };
        let is_testkit = known.is_some_and(Package::is_testkit);
        let allowed = match dependency.kind {
            Kind::Dev => other_floor < floor || is_testkit,
            Kind::Normal | Kind::Build => other_floor < floor && (!is_testkit || TESTS.contains(&floor)),
        };
        if allowed {
            continue;
        }
        let name = &dependency.package;
        let (what, remedy) = if is_testkit {
            (format!("`{name}` is for tests"), "move it to `[dev-dependencies]`")
        } else if floor == 7 && other_floor == 7 {
            let words =
                "no service knows another: call it through `weft-proto`'s client, or listen to its events";
            (format!("a service depends on the service `{name}`"), words)
        } else {
            let words =
                "depend on lower floors only: move the shared part down, or turn the dependency round";
            (format!("floor {floor} depends on `{name}` on floor {other_floor}"), words)
        };
        found.push(Violation::new(&package.manifest(), dependency.line, what, remedy));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::broken;

    const BUS: &str = "[package]\nname = \"weft-bus\"\nmetadata.weft.floor = 3\n";
    const KIT: &str = "[package]\nname = \"weft-testkit\"\nmetadata.weft.floor = 6\n";
    const GRAPH: &str = "[package]\nname = \"weft-graph\"\nmetadata.weft.floor = 6\n";
    const MEDIA: &str = "[package]\nname = \"weft-media\"\nmetadata.weft.floor = 7\n";

    fn with(manifest: &str, path: &str) -> Vec<(String, usize)> {
        let all = [
            ("crates/bus/Cargo.toml", BUS),
            ("crates/testkit/Cargo.toml", KIT),
            ("crates/shared/Cargo.toml", GRAPH),
            ("services/media/Cargo.toml", MEDIA),
            (path, manifest),
        ];
        broken(floors, &all)
    }

    #[test]
    fn each_wrong_way_up_is_found_at_its_line() {
        let head = "[package]\nname = \"weft-x\"\nmetadata.weft.floor = ";
        let cache = "crates/cache/Cargo.toml";
        let gateway = "services/gateway/Cargo.toml";
        let at = |path: &str, line| vec![(path.to_owned(), line)];
        let needs =
            |floor: u8, heading: &str, name: &str| format!("{head}{floor}\n[{heading}]\n{name} = \"1\"\n");

        assert_eq!(with("[package]\nname = \"weft-x\"\n", cache), at(cache, 1));
        assert_eq!(with(&needs(3, "dependencies", "weft-bus"), cache), at(cache, 5));
        assert_eq!(with(&needs(7, "dependencies", "weft-media"), gateway), at(gateway, 5));
        assert_eq!(with(&needs(7, "dev-dependencies", "weft-media"), gateway), at(gateway, 5));
        assert_eq!(with(&needs(7, "dependencies", "weft-testkit"), gateway), at(gateway, 5));
        assert_eq!(with(&needs(3, "dependencies", "serde"), gateway), at(gateway, 1));

        let graph = "crates/graph/Cargo.toml";
        assert_eq!(with(&needs(6, "dependencies", "weft-testkit"), graph), at(graph, 5));
        assert_eq!(with(&needs(7, "dependencies", "weft-graph"), gateway), []);

        assert_eq!(with(&needs(4, "dependencies", "weft-bus"), cache), []);
        assert_eq!(with(&needs(3, "dev-dependencies", "weft-testkit"), cache), []);
        for floor in TESTS {
            let needs = needs(u8::try_from(floor).unwrap(), "dependencies", "weft-testkit");
            assert_eq!(with(&needs, "tests/fleet/Cargo.toml"), []);
        }
    }
}
