use crate::{Kind, Package, Tree, Violation};

/// Who may depend on a library, and what everybody else uses instead.
struct Fence {
    library: &'static str,
    inside: &'static [&'static str],
    database: bool,
    instead: &'static str,
}

const fn fence(library: &'static str, inside: &'static [&'static str], instead: &'static str) -> Fence {
    Fence { library, inside, database: false, instead }
}

/// A library that ends in `*` means all whose names begin so.
const FENCES: [Fence; 16] = [
    fence("async-nats", &["bus"], "publish and consume through `weft-bus`"),
    fence("redis", &["cache"], "use `weft-cache`"),
    fence("reqwest", &["http"], "use `weft-http`, which guards, times and records every call"),
    fence("jsonwebtoken", &["auth"], "use `weft-auth`"),
    fence("aes-gcm", &["crypto"], "seal with `weft-crypto`"),
    fence("argon2", &["crypto"], "hash with `weft-crypto`"),
    fence("hkdf", &["crypto"], "derive keys with `weft-crypto`"),
    fence("hmac", &["crypto"], "sign with `weft-crypto`"),
    fence("figment", &["config"], "read settings through `weft-config`"),
    fence("opentelemetry*", &["telemetry"], "use `weft-telemetry`"),
    fence("tracing-opentelemetry", &["telemetry"], "use `weft-telemetry`"),
    fence("tracing-subscriber", &["telemetry"], "use `weft-telemetry`"),
    fence("sqlx", &["store", "bus"], "query through `weft-store`"),
    fence("object_store", &["media"], "keep files in the media service"),
    Fence { library: "sea-orm", inside: &["store"], database: true, instead: DATABASE },
    Fence { library: "sea-orm-migration", inside: &["store"], database: true, instead: DATABASE },
];
const DATABASE: &str = "only `weft-store` and services with a `src/migration` have a database";

/// Each of the big libraries is known to one crate only.
pub fn fences(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for package in tree.packages() {
        // A test may look at a crate from the other side of its fence.
        for dependency in package.dependencies.iter().filter(|one| one.kind != Kind::Dev) {
            let Some(fence) = FENCES.iter().find(|fence| covers(fence.library, &dependency.package)) else {
                continue;
            };
            if is_inside(tree, fence, package) {
                continue;
            }
            let what = format!("`{}` is fenced off here", dependency.package);
            found.push(Violation::new(&package.manifest(), dependency.line, what, fence.instead));
        }
    }
    found
}

fn covers(library: &str, name: &str) -> bool {
    match library.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == library,
    }
}

fn is_inside(tree: &Tree, fence: &Fence, package: &Package) -> bool {
    if package.folder.starts_with("crates/") {
        return fence.inside.contains(&package.short_name());
    }
    if !package.folder.starts_with("services/") {
        return false;
    }
    (fence.database && has_database(tree, package)) || fence.inside.contains(&package.short_name())
}

fn has_database(tree: &Tree, package: &Package) -> bool {
    let module = format!("{}/src/migration.rs", package.folder);
    tree.text(&module).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::broken;

    #[test]
    fn a_fenced_library_is_found_outside_its_crate_and_nowhere_else() {
        for fence in FENCES {
            let library = fence.library.replace('*', "_sdk");
            let manifest = format!("[package]\nname = \"x\"\n[dependencies]\n{library} = \"1\"\n");
            for path in ["crates/rpc/Cargo.toml", "services/gateway/Cargo.toml", "tests/x/Cargo.toml"] {
                assert_eq!(broken(fences, &[(path, &manifest)]), [(path.to_owned(), 4)], "{library}");
            }
            let inside = fence.inside[0];
            let home = if inside == "media" { "services" } else { "crates" };
            assert_eq!(
                broken(fences, &[(&format!("{home}/{inside}/Cargo.toml"), &manifest)]),
                [],
                "{library}"
            );
        }
        let dev = "[package]\nname = \"x\"\n[dev-dependencies]\nredis = \"1\"\n";
        assert_eq!(broken(fences, &[("crates/rpc/Cargo.toml", dev)]), []);
    }

    #[test]
    fn a_service_with_migrations_may_have_a_database() {
        let manifest =
            ("services/media/Cargo.toml", "[package]\nname = \"x\"\n[dependencies]\nsea-orm = \"2\"\n");
        assert_eq!(broken(fences, &[manifest]).len(), 1);
        assert_eq!(broken(fences, &[manifest, ("services/media/src/migration.rs", "")]), []);
    }
}
