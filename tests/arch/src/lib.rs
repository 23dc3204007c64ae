#![doc = include_str!("../README.md")]

mod package;
pub mod rules;
mod source;
mod tree;
mod violation;

pub use package::{Dependency, Kind, Package};
pub use source::Source;
pub use tree::Tree;
pub use violation::Violation;
