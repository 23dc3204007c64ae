#![doc = include_str!("../README.md")]

mod attributes;
mod blocks;
mod html;
mod marks;
#[cfg(test)]
mod tests;

pub use blocks::{MOST_BLOCKS, MOST_CHARS, Refused, checked, from_plain, is_plain};
pub use html::{from_html, to_html};
pub use marks::{Marks, Quote, to_plain, written};
