//! Every crash point of the code has its scenario (TS-2).
#![expect(clippy::unwrap_used, reason = "a test")]

use std::{collections::BTreeSet, fs, path::Path};

use weft_tests_faults::POINTS;

const MACRO: &str = "fail_point!(\"";

#[test]
fn every_crash_point_of_the_code_is_tried() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = BTreeSet::new();
    for folder in ["crates", "services"] {
        read(&root.join(folder), &mut found);
    }
    let tried: BTreeSet<String> = POINTS.iter().map(|(point, _)| (*point).to_owned()).collect();
    assert!(found.len() >= 10, "the code has crash points: {found:?}");
    assert_eq!(found, tried);
}

fn read(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let points = text.split(MACRO).skip(1).filter_map(|rest| rest.split('"').next());
            found.extend(points.map(str::to_owned));
        }
    }
}
