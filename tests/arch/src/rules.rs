//! The rules of the house, one function each: from the tree to the places that break it.

mod code;
mod errors;
mod fences;
mod floors;
mod layout;
mod names;
mod providers;
mod readmes;
mod tenancy;

pub use code::{file_sizes, forbidden_code, ignored_tests, module_files};
pub use errors::error_pages;
pub use fences::fences;
pub use floors::floors;
pub use layout::root_folder;
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
