use anyhow::{Context as _, Result};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// The highest floor that is shipped.
const FLEET: i64 = 8;

/// What a dependency is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// To run.
    Normal,
    /// To build.
    Build,
    /// To test.
    Dev,
}

/// One line under `[dependencies]` and its like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The package, whatever it is called here.
    pub package: String,
    /// What it is needed for.
    pub kind: Kind,
    /// Where the manifest says so.
    pub line: usize,
}

/// A package of the workspace, as its manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name, like `weft-bus`.
    pub name: String,
    /// Its folder from the root, like `crates/bus`.
    pub folder: String,
    /// Its floor, if it states one.
    pub floor: Option<i64>,
    /// Whether it takes the workspace's lints.
    pub inherits_lints: bool,
    /// What it depends on directly.
    pub dependencies: Vec<Dependency>,
}

impl Package {
    /// Reads the manifest `text` of the package in `folder`; `shared` is the workspace's own manifest.
    pub fn parse(folder: &str, text: &str, shared: &str) -> Result<Self> {
        let parsed = DeTable::parse(text)?;
        let shared_parsed = DeTable::parse(shared)?;
        let manifest = parsed.get_ref();
        let common = table(shared_parsed.get_ref(), &["workspace", "dependencies"]);
        let own = table(manifest, &["package"]).context("there is no [package]")?;
        let name = value(own, "name").and_then(DeValue::as_str).context("the package has no name")?;
        let floor = table(own, &["metadata", "weft"])
            .and_then(|weft| value(weft, "floor"))
            .and_then(DeValue::as_integer)
            .and_then(|floor| floor.as_str().parse().ok());
        let inherits_lints = table(manifest, &["lints"])
            .and_then(|lints| value(lints, "workspace"))
            .and_then(DeValue::as_bool)
            .unwrap_or_default();
        let mut dependencies = Vec::new();
        collect(manifest, common, text, &mut dependencies);
        for (_, target) in table(manifest, &["target"]).into_iter().flatten() {
            if let Some(of_target) = target.get_ref().as_table() {
                collect(of_target, common, text, &mut dependencies);
            }
        }
        Ok(Self { name: name.to_owned(), folder: folder.to_owned(), floor, inherits_lints, dependencies })
    }

    /// The path of its manifest from the root.
    pub fn manifest(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }

    /// Whether it is part of the binary, rather than something tests use.
    pub fn is_shipped(&self) -> bool {
        self.floor.is_some_and(|floor| floor <= FLEET) && !self.is_testkit()
    }

    /// Whether only tests may use it.
    pub fn is_testkit(&self) -> bool {
        self.name.ends_with("testkit")
    }

    /// The folder's own name, like `bus`.
    pub fn short_name(&self) -> &str {
        self.folder.rsplit('/').next().unwrap_or(&self.folder)
    }
}

fn collect(section: &DeTable<'_>, common: Option<&DeTable<'_>>, text: &str, into: &mut Vec<Dependency>) {
    let kinds = [
        ("dependencies", Kind::Normal),
        ("build-dependencies", Kind::Build),
        ("dev-dependencies", Kind::Dev),
    ];
    for (heading, kind) in kinds {
        for (key, stated) in table(section, &[heading]).into_iter().flatten() {
            let alias = key.get_ref().as_ref();
            let package = renamed(stated.get_ref())
                .or_else(|| common.and_then(|all| value(all, alias)).and_then(renamed))
                .unwrap_or(alias)
                .to_owned();
            into.push(Dependency { package, kind, line: line_at(text, key) });
        }
    }
}

fn renamed<'a>(stated: &'a DeValue<'_>) -> Option<&'a str> {
    value(stated.as_table()?, "package")?.as_str()
}

fn table<'a, 'i>(from: &'a DeTable<'i>, path: &[&str]) -> Option<&'a DeTable<'i>> {
    path.iter().try_fold(from, |inner, key| value(inner, key)?.as_table())
}

fn value<'a, 'i>(from: &'a DeTable<'i>, key: &str) -> Option<&'a DeValue<'i>> {
    from.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value.get_ref())
}

fn line_at<T>(text: &str, spanned: &Spanned<T>) -> usize {
    text.bytes().take(spanned.span().start).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renamed_package_is_known_by_its_own_name() {
        let shared = "[workspace.dependencies]\nbroker = { package = \"async-nats\", version = \"1\" }\n";
        let text = "[package]\nname = \"weft-a\"\n[target.'cfg(unix)'.dependencies]\nbroker.workspace = true\n\
                    [dev-dependencies]\nstand-in = { package = \"redis\", version = \"1\" }\n";
        let package = Package::parse("crates/a", text, shared).unwrap();
        let expected = [("redis", Kind::Dev, 6), ("async-nats", Kind::Normal, 4)];
        let found: Vec<_> = package
            .dependencies
            .iter()
            .map(|dependency| (dependency.package.as_str(), dependency.kind, dependency.line))
            .collect();
        assert_eq!(found, expected);
        assert_eq!((package.floor, package.inherits_lints), (None, false));
    }
}
