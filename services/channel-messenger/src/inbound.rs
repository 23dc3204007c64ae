//! Webhooks into events. Pure.

use weft_channel::{ReceiveError, Received, WebhookCall};
use weft_meta_graph::messaging::{self, Own, Sign};

use crate::Account;

/// Translates a webhook, as far as it is about this page.
pub(crate) fn receive(account: &Account, call: &WebhookCall) -> Result<Received, ReceiveError> {
    // cannot fail: `validate` lets only tokens pass that a header can carry
    let seen = |contact: &str| account.desk().sign(contact, Sign::Seen).ok().filter(|_| account.mark_as_read);
    // our own echoes carry our ids
    messaging::receive(&Own { id: &account.page_id, app_id: None, seen: &seen }, call)
}
