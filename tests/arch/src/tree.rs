use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::{Package, Source};

const READ: [&str; 4] = ["rs", "toml", "proto", "md"];
const MEMBERS: [&str; 3] = ["crates/", "services/", "tests/"];

/// The files of the repository that the rules look at, by their path from the root.
#[derive(Debug, Default)]
pub struct Tree {
    files: BTreeMap<String, String>,
    root: Vec<String>,
    packages: Vec<Package>,
}

impl Tree {
    /// Reads the repository that this crate is part of.
    pub fn load() -> Result<Self> {
        let root: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", ".."].iter().collect();
        let mut paths = Vec::new();
        let ignored = fs::read_to_string(root.join(".gitignore")).unwrap_or_default();
        for name in names_in(&root)? {
            if name != ".git" && !is_ignored(&ignored, &name) {
                walk(&root, &name, &mut paths)?;
            }
        }
        let mut files = Vec::new();
        for path in paths {
            let text = match is_read(&path) {
                true => fs::read_to_string(root.join(&path)).with_context(|| format!("reading {path}"))?,
                false => String::new(),
            };
            files.push((path, text));
        }
        Self::of(files)
    }

    /// Makes a tree of files given by path and text.
    pub fn of<P: Into<String>, T: Into<String>>(files: impl IntoIterator<Item = (P, T)>) -> Result<Self> {
        let all: BTreeMap<String, String> =
            files.into_iter().map(|(path, text)| (path.into(), text.into())).collect();
        let mut tree = Self::default();
        for path in all.keys() {
            let name = path.split('/').next().unwrap_or(path).to_owned();
            if tree.root.last() != Some(&name) {
                tree.root.push(name);
            }
        }
        tree.root.sort();
        tree.root.dedup();
        let shared = all.get("Cargo.toml").map_or("", String::as_str);
        for (path, text) in &all {
            let Some(folder) = path.strip_suffix("/Cargo.toml") else { continue };
            if MEMBERS.iter().any(|of| folder.strip_prefix(of).is_some_and(|name| !name.contains('/'))) {
                tree.packages
                    .push(Package::parse(folder, text, shared).with_context(|| format!("parsing {path}"))?);
            }
        }
        tree.files = all.into_iter().filter(|(path, _)| is_read(path)).collect();
        Ok(tree)
    }

    /// The names in the root folder, without what git ignores.
    pub fn root(&self) -> &[String] {
        &self.root
    }

    /// The packages of the workspace.
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// The text of the file at `path`.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// All files whose name ends in one of `extensions`, as path and text.
    pub fn files<'a>(&'a self, extensions: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .iter()
            .filter(|(path, _)| extensions.contains(&extension(path)))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The Rust files that run in production: `src/` of what is shipped, without their unit tests.
    pub fn production(&self) -> impl Iterator<Item = (&str, &str)> {
        let shipped = self.packages.iter().filter(|package| package.is_shipped());
        let folders: Vec<String> = shipped.map(|package| format!("{}/src", package.folder)).collect();
        let test_modules = self.test_modules();
        self.files(&["rs"]).filter(move |(path, _)| {
            folders.iter().any(|folder| is_under(path, folder))
                && !test_modules
                    .iter()
                    .any(|module| path.strip_suffix(".rs") == Some(module.as_str()) || is_under(path, module))
        })
    }

    /// The modules in files of their own that only tests compile, as paths without `.rs`.
    fn test_modules(&self) -> Vec<String> {
        let mut modules = Vec::new();
        for (path, text) in self.files(&["rs"]).filter(|(_, text)| text.contains("cfg(test)")) {
            let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
            let stem = file.trim_end_matches(".rs");
            let within = match stem {
                "lib" | "main" => folder.to_owned(),
                _ => format!("{folder}/{stem}"),
            };
            let names = Source::read(text).test_modules();
            modules.extend(names.into_iter().map(|name| format!("{within}/{name}")));
        }
        modules
    }
}

/// Whether `path` lies in the folder `folder`.
pub(crate) fn is_under(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn walk(root: &Path, path: &str, paths: &mut Vec<String>) -> Result<()> {
    let full = root.join(path);
    if !full.is_dir() {
        paths.push(path.to_owned());
        return Ok(());
    }
    for name in names_in(&full)? {
        if name != "node_modules" {
            walk(root, &format!("{path}/{name}"), paths)?;
        }
    }
    Ok(())
}

fn names_in(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

fn is_ignored(patterns: &str, name: &str) -> bool {
    patterns.lines().map(str::trim).any(|pattern| match pattern.strip_prefix('*') {
        Some(ending) => !ending.is_empty() && name.ends_with(ending),
        None => !pattern.is_empty() && pattern.trim_matches('/') == name,
    })
}

fn is_read(path: &str) -> bool {
    READ.contains(&extension(path)) || path == "Makefile"
}

fn extension(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, extension)| extension)
}
