#![doc = include_str!("../README.md")]

mod overlay;
mod tool;

use std::path::{Path, PathBuf};

pub use overlay::{Overlay, documents};
pub use tool::tool;

/// The repository's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
