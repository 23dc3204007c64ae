//! Calls to real servers on this machine.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod answers;
mod bodies;
mod failures;
mod guard;
mod redirects;
mod server;
mod traces;

use weft_http::{Client, Settings};

/// A client that may call this machine.
fn client() -> Client {
    Client::new(Settings { allow_private: true, ..Settings::default() }).unwrap()
}
