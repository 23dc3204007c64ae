//! The events' contract: the documents are what the fleet sends, and enough for a stranger.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod documents;
mod following;
mod kept;
mod reader;
mod rebuilding;
mod scene;
mod subscriber;
