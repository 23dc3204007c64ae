//! The web chat from end to end: real routes, real sockets, the embedded bus, and its host.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod abuse;
mod bare_page;
mod change_channel;
mod choices;
mod files;
mod form;
mod identity;
mod live;
mod neighbours;
mod presence;
mod rig;
mod secrets;
mod sessions;
mod simulator;
mod slow_page;
mod socket_io;
mod writing;
