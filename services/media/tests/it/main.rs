//! Files from end to end: over gRPC behind the guard and over HTTP, on both databases.
#![expect(clippy::unwrap_used, reason = "a test")]

mod download;
mod fleet;
mod rig;
mod upload;
