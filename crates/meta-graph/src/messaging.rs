//! What all conversations through the graph have in common: people known by an id for this business, events under
//! `messaging`, one edge for everything that is sent.

mod addressees;
mod content;
mod errors;
mod inbound;
mod media;
mod on_message;
mod on_receipt;
mod outbound;
pub mod simulator;
mod subscribe;
mod text;
mod wire;

pub use addressees::addressees;
pub use errors::meaning;
pub use inbound::{Own, receive};
pub use media::fetch;
pub use outbound::{Desk, Letter, Sign};
pub use text::{Limits, Words, attachment, words};
