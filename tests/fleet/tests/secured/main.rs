//! A fleet whose parts trust nobody without proof: a NATS user per service, certificates on every connection.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod apart;
mod forbidden;
mod paths;
mod service_methods;
mod subjects;
mod wire;
