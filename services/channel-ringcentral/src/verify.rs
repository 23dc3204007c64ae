use http::HeaderValue;
use weft_channel::{VerifyError, WebhookCall};

use crate::Account;

/// What a call is proved by, under the name of the guide and that of the reference.
const HEADERS: [&str; 2] = ["validation-token", "verification-token"];
/// All that may be echoed: RingCentral takes no answer beyond 1,024 bytes.
const LONGEST_ECHO: usize = 512;

/// Checks that RingCentral made a call: there is no signature, only a secret of ours that it gives back. A handshake is
/// nobody's proof of anything, and nothing but its echo comes of it.
pub(crate) fn verify(account: &Account, call: &WebhookCall) -> Result<(), VerifyError> {
    if handshake(call).is_some() {
        return Ok(());
    }
    let name =
        HEADERS.into_iter().find(|name| call.headers.contains_key(*name)).ok_or(VerifyError::Missing)?;
    call.verify_secret_header(name, account.webhook_validation_token.as_ref())
}

/// What a handshake wants back: RingCentral asks, before it subscribes us, whether we listen.
pub(crate) fn handshake(call: &WebhookCall) -> Option<&HeaderValue> {
    let is_empty = matches!(call.body.trim_ascii(), b"" | b"{}");
    let value = call.headers.get(HEADERS[0]).filter(|_| is_empty)?;
    (!value.is_empty() && value.len() <= LONGEST_ECHO).then_some(value)
}
