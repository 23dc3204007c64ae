//! The rules of the house, one function each: from the tree to the places that break it.

mod bans;
mod errors;
mod fences;
mod files;
mod floors;
mod ignored_tests;
mod layout;
mod metrics;
mod names;
mod providers;
mod readmes;
mod tenancy;

pub use bans::forbidden_code;
pub use errors::error_pages;
pub use fences::fences;
pub use files::{file_sizes, module_files};
pub use floors::floors;
pub use ignored_tests::ignored_tests;
pub use layout::root_folder;
pub use metrics::metrics;
pub use names::{lints, package_names};
pub use providers::{provider_names, providers};
pub use readmes::readmes;
pub use tenancy::tenant_scope;

#[cfg(test)]
pub(crate) fn broken(
    rule: fn(&crate::Tree) -> Vec<crate::Violation>,
    files: &[(&str, &str)],
) -> Vec<(String, usize)> {
    let tree = crate::Tree::of(files.iter().copied()).expect("the files parse");
    rule(&tree).into_iter().map(|violation| (violation.file, violation.line)).collect()
}
