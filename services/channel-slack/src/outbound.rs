//! One part of a message into one post, or one upload.

mod destination;
mod file;
mod looks;
mod post;
mod text;

use weft_channel::{Files, Outbound, Receipt, SendError, Transport};

use crate::Account;
pub(crate) use looks::words;
pub(crate) use post::blocks;

/// Sends one part.
pub(crate) async fn send(
    account: &Account,
    message: &Outbound,
    files: &Files,
    transport: &dyn Transport,
) -> Result<Receipt, SendError> {
    match message.attachments.first() {
        Some(attachment) => file::send(account, message, files.get(attachment)?, transport).await,
        None => post::send(account, message, transport).await,
    }
}
