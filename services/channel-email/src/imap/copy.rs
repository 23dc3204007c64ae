//! Our own mail in the folder of sent mail.

use weft_channel::{SendError, Transport};

use super::{Mailbox, PATIENCE, in_time, open};
use crate::{Email, account::Account};

/// Files what was sent, where there is a folder for that.
pub(crate) async fn keep_copy(
    email: &Email,
    account: &Account,
    raw: &[u8],
    transport: &dyn Transport,
) -> Result<(), SendError> {
    if account.sent_folder.is_empty() || files_by_itself(account) {
        return Ok(());
    }
    let mut mailbox = open(email, account, transport).await?;
    mailbox.file(&account.sent_folder, raw).await
}

/// This server files what it sends; a second copy would stand beside it.
fn files_by_itself(account: &Account) -> bool {
    let host = account.smtp_host.to_lowercase();
    host.ends_with(".gmail.com") || host.ends_with(".office365.com") || host.ends_with(".googlemail.com")
}

impl Mailbox {
    /// Files a mail of ours, read.
    async fn file(&mut self, folder: &str, raw: &[u8]) -> Result<(), SendError> {
        in_time(PATIENCE, self.session.append(folder, Some("(\\Seen)"), None, raw)).await
    }
}
