//! What has to be known of mail besides what its headers say: how far folders are read, and which thread each id belongs to.

#[expect(unreachable_pub, reason = "sea-orm derives public items")]
mod entity;
mod folders;
mod threads;

pub(crate) use folders::{Known, Position};
pub(crate) use threads::{Kind, Mailbox, Seen, Thread};

use weft_channel::SendError;
use weft_domain::Error;
use weft_store::Store;

/// What is known of all mailboxes.
#[derive(Clone)]
pub(crate) struct Records(Store);

impl Records {
    pub(crate) fn new(store: Store) -> Self {
        Self(store)
    }
}

/// Without what is known nothing is read or sent; it is tried again.
pub(crate) fn unavailable(error: Error) -> SendError {
    tracing::warn!(%error, "what is known of a mailbox cannot be read or written");
    SendError::unreachable("what is known of the mailbox cannot be read at the moment")
}
