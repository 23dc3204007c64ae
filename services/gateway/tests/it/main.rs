//! The gateway before real gRPC services, a real bus and real sockets.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

mod attendance;
mod availability;
mod browsers;
mod continuity;
mod documents;
mod ends;
mod limits;
mod live;
mod own;
mod problems;
mod rig;
mod services;
mod socket;
mod transcoding;
mod viewers;
