//! What Twilio answers; only what we use.

use serde::Deserialize;

/// A message that was taken.
#[derive(Debug, Deserialize)]
pub(crate) struct SentMessage {
    pub(crate) sid: String,
}
