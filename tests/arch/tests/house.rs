//! The repository keeps the rules of the house.
#![expect(clippy::unwrap_used, reason = "a test")]

use weft_tests_arch::{Tree, Violation, rules};

#[track_caller]
fn holds(rule: fn(&Tree) -> Vec<Violation>) {
    let mut violations = rule(&Tree::load().unwrap());
    violations.sort();
    violations.dedup();
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{} places break this rule:\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn the_tree_is_really_read() {
    let tree = Tree::load().unwrap();
    assert!(tree.packages().len() > 20);
    assert!(tree.production().count() > 100);
    assert!(!rules::providers(&tree).is_empty());
    assert!(tree.text("crates/domain/src/lib.rs").is_some());
}

#[test]
fn a_package_depends_on_lower_floors_only() {
    holds(rules::floors);
}

#[test]
fn a_big_library_is_known_to_one_crate_only() {
    holds(rules::fences);
}

#[test]
fn a_package_is_named_after_its_folder() {
    holds(rules::package_names);
}

#[test]
fn a_package_takes_the_workspaces_lints() {
    holds(rules::lints);
}

#[test]
fn a_provider_is_named_in_its_folder_only() {
    holds(rules::provider_names);
}

#[test]
fn nothing_but_the_store_holds_a_connection() {
    holds(rules::tenant_scope);
}

#[test]
fn the_root_folder_holds_what_the_design_lists() {
    holds(rules::root_folder);
}

#[test]
fn a_short_readme_documents_each_package() {
    holds(rules::readmes);
}

#[test]
fn no_code_is_left_open_silenced_or_unbounded() {
    holds(rules::forbidden_code);
}

#[test]
fn a_test_left_out_names_its_issue() {
    holds(rules::ignored_tests);
}

#[test]
fn a_metric_is_named_described_and_listed() {
    holds(rules::metrics);
}

#[test]
fn no_module_is_in_a_mod_rs() {
    holds(rules::module_files);
}

#[test]
fn a_file_can_be_read_in_one_sitting() {
    holds(rules::file_sizes);
}

#[test]
fn an_error_has_a_page_that_says_what_to_do() {
    holds(rules::error_pages);
}
