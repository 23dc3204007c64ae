use secrecy::ExposeSecret as _;
use url::form_urlencoded;
use weft_channel::{VerifyError, WebhookCall};
use weft_crypto::{constant_time_eq, sign::hmac_sha256};

use crate::Account;

/// The header that carries the HMAC of time and raw body.
pub(crate) const SIGNATURE: &str = "x-slack-signature";
/// The header that says when the call was signed, in seconds since 1970.
pub(crate) const TIMESTAMP: &str = "x-slack-request-timestamp";
/// An older call, or one of the future, is somebody's copy.
const TOLERANCE_SECONDS: u64 = 300;

/// Checks that Slack made the call, a moment ago.
pub(crate) fn verify(account: &Account, call: &WebhookCall) -> Result<(), VerifyError> {
    if is_probe(call) {
        return Ok(());
    }
    let given = call.headers.get(SIGNATURE).ok_or(VerifyError::Missing)?;
    let timestamp = call.headers.get(TIMESTAMP).ok_or(VerifyError::Missing)?.as_bytes();
    let expected = signature(account.signing_secret.expose_secret(), timestamp, &call.body);
    if !constant_time_eq(given.as_bytes(), expected.as_bytes()) {
        return Err(VerifyError::Wrong);
    }
    let signed_at: Option<i64> = std::str::from_utf8(timestamp).ok().and_then(|text| text.parse().ok());
    let age = signed_at.map(|at| call.received_at.timestamp().abs_diff(at)).ok_or(VerifyError::Stale)?;
    if age > TOLERANCE_SECONDS { Err(VerifyError::Stale) } else { Ok(()) }
}

/// What the header has to be for a body that was signed then.
pub(crate) fn signature(signing_secret: &str, timestamp: &[u8], body: &[u8]) -> String {
    let mac = hmac_sha256(signing_secret.as_bytes(), &[b"v0:", timestamp, b":", body]);
    format!("v0={}", hex::encode(mac))
}

/// Whether Slack only looks at our certificate; it does not sign that, and nothing else is read of it.
pub(crate) fn is_probe(call: &WebhookCall) -> bool {
    is_form(call)
        && form_urlencoded::parse(&call.body).any(|(name, value)| name == "ssl_check" && value == "1")
}

/// Whether the body is a form: what people did with buttons comes so.
pub(crate) fn is_form(call: &WebhookCall) -> bool {
    let kind = call.header(http::header::CONTENT_TYPE.as_str()).unwrap_or_default();
    kind.starts_with("application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};
    use serde_json::json;
    use weft_channel::read_account;

    use super::*;

    const AT: i64 = 1_531_420_618;

    /// The example of Slack's own documentation.
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const SIGNED: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

    fn account() -> Account {
        let secrets = json!({"bot_token": "xoxb-1", "signing_secret": "8f742231b10e8888abcd99yyyzzz85a5"});
        read_account(json!({"team_id": "T1DC2JH3J"}).as_object().unwrap(), secrets.as_object().unwrap())
            .unwrap()
    }

    fn call(timestamp: &str, signature: &str, received_at: i64) -> WebhookCall {
        let mut headers = HeaderMap::new();
        headers.insert(TIMESTAMP, timestamp.parse().unwrap());
        headers.insert(SIGNATURE, signature.parse().unwrap());
        WebhookCall {
            method: Method::POST,
            path_rest: String::new(),
            query: String::new(),
            headers,
            body: BODY.into(),
            received_at: chrono::DateTime::from_timestamp(received_at, 0).unwrap(),
        }
    }

    #[test]
    fn a_signature_is_that_of_the_published_example() {
        assert_eq!(verify(&account(), &call("1531420618", SIGNED, AT)), Ok(()));
    }

    #[test]
    fn a_call_is_believed_for_five_minutes() {
        for (received_at, outcome) in [
            (AT + 300, Ok(())),
            (AT - 300, Ok(())),
            (AT + 301, Err(VerifyError::Stale)),
            (AT - 301, Err(VerifyError::Stale)),
        ] {
            assert_eq!(verify(&account(), &call("1531420618", SIGNED, received_at)), outcome);
        }
        // another time makes another signature, and a time that is none is no time
        assert_eq!(verify(&account(), &call("1531420619", SIGNED, AT)), Err(VerifyError::Wrong));
        let odd = signature("8f742231b10e8888abcd99yyyzzz85a5", b"soon", BODY.as_bytes());
        assert_eq!(verify(&account(), &call("soon", &odd, AT)), Err(VerifyError::Stale));
        let mut timeless = call("1531420618", SIGNED, AT);
        timeless.headers.remove(TIMESTAMP);
        assert_eq!(verify(&account(), &timeless), Err(VerifyError::Missing));
    }
}
