use std::{collections::BTreeSet, fs, path::Path};

use weft_fleet::{Settings, compose, deployment::File, k8s};
use weft_tests_deployment::root;

/// The committed files are what the roster says: run the command after a change.
#[test]
fn the_committed_files_are_the_ones_that_are_emitted() {
    let settings = Settings::from_parts("", Vec::new()).unwrap();
    differ_in_nothing(&compose::files().unwrap(), &root(), "weft emit compose --out .");
    differ_in_nothing(&k8s::files(&settings).unwrap(), &root().join("k8s"), "weft emit k8s --out k8s");
}

#[test]
fn no_file_is_left_of_what_the_roster_does_not_know_any_more() {
    let settings = Settings::from_parts("", Vec::new()).unwrap();
    let k8s = k8s::files(&settings).unwrap().into_iter().map(|file| format!("k8s/{}", file.path));
    let emitted: BTreeSet<_> =
        compose::files().unwrap().into_iter().map(|file| file.path).chain(k8s).collect();
    let mut there = Vec::new();
    for folder in ["k8s", "deploy/compose"] {
        collect(&root(), Path::new(folder), &mut there);
    }
    let left: Vec<_> = there.into_iter().filter(|path| !emitted.contains(path)).collect();
    assert!(left.is_empty(), "{left:?} are not emitted: delete them");
}

fn differ_in_nothing(files: &[File], folder: &Path, command: &str) {
    for file in files {
        let committed = fs::read_to_string(folder.join(&file.path)).unwrap_or_default();
        assert!(committed == file.text, "{} differs: run `{command}`", file.path);
    }
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = folder.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            collect(root, &path, found);
        } else {
            found.push(path.display().to_string());
        }
    }
}
