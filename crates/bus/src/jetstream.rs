//! The bus on NATS JetStream.

mod connect;
mod dead;
mod engine;
mod live;
mod members;
mod message;
mod migrate;
mod outside;
mod publisher;
mod reader;
mod recovery;
mod source;
mod streams;

pub(crate) use engine::Engine;
pub(crate) use live::Live;
pub(crate) use reader::Reader;
pub(crate) use source::Source;
