//! The bus inside the process: one SQLite file, one task that writes it.

mod commit;
mod dead;
mod engine;
mod file;
mod log;
mod op;
mod prune;
mod reader;
mod register;
mod rows;
mod source;
mod tail;
mod writer;

pub(crate) use engine::Engine;
pub(crate) use reader::Reader;
pub(crate) use source::Source;
