//! How Meta proves itself to a webhook: a signature over the raw body, and a greeting of every new address.

use http::Method;
use secrecy::{ExposeSecret as _, SecretString};
use weft_channel::{Received, VerifyError, WebhookCall, WebhookReply, same_secret};
use weft_crypto::{constant_time_eq, sign::hmac_sha256};

/// The header that carries the HMAC of the raw body.
pub const SIGNATURE: &str = "x-hub-signature-256";

/// Checks that Meta made the call: with the app's secret, or a greeting with the token that it was given.
pub fn verify(
    app_secret: &SecretString,
    verify_token: &SecretString,
    call: &WebhookCall,
) -> Result<(), VerifyError> {
    if call.method == Method::GET {
        return greeting(verify_token, call);
    }
    let given = call.headers.get(SIGNATURE).ok_or(VerifyError::Missing)?;
    let expected = signature(app_secret.expose_secret(), &call.body);
    if constant_time_eq(given.as_bytes(), expected.as_bytes()) { Ok(()) } else { Err(VerifyError::Wrong) }
}

/// What the header has to be for a body.
pub fn signature(app_secret: &str, body: &[u8]) -> String {
    format!("sha256={}", hex::encode(hmac_sha256(app_secret.as_bytes(), &[body])))
}

/// What a greeting is answered with; none: the call is no greeting.
pub fn greeted(call: &WebhookCall) -> Option<Received> {
    let challenge = || call.query_value("hub.challenge").unwrap_or_default();
    (call.method == Method::GET)
        .then(|| Received { reply: WebhookReply::text(challenge()), ..Received::default() })
}

fn greeting(verify_token: &SecretString, call: &WebhookCall) -> Result<(), VerifyError> {
    let token = call.query_value("hub.verify_token").ok_or(VerifyError::Missing)?;
    let subscribes = call.query_value("hub.mode").as_deref() == Some("subscribe");
    if same_secret(verify_token, token.as_bytes()) && subscribes { Ok(()) } else { Err(VerifyError::Wrong) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_published_vector() {
        // RFC 4231, test case 2
        let expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature("Jefe", b"what do ya want for nothing?"), expected);
    }
}
