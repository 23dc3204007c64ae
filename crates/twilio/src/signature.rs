//! `X-Twilio-Signature`: HMAC-SHA1 over the address that Twilio called and the fields it sent.

use std::{borrow::Cow, collections::BTreeSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{Method, header};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use url::{Position, Url, form_urlencoded};
use weft_channel::{VerifyError, WebhookCall, same_secret};
use weft_crypto::sign::hmac_sha1;

/// The header that carries the signature.
pub const SIGNATURE: &str = "x-twilio-signature";

/// Checks the signature; the address is ours by configuration, never what the call says of itself.
pub fn verify<'a>(
    webhook_url: Option<&Url>,
    tokens: impl IntoIterator<Item = &'a SecretString>,
    call: &WebhookCall,
) -> Result<(), VerifyError> {
    let given = call.headers.get(SIGNATURE).ok_or(VerifyError::Missing)?.as_bytes();
    let base = webhook_url.ok_or(VerifyError::NoSecret)?;
    let fields = signed_fields(call)?;
    let mut right = false;
    for token in tokens {
        for address in addresses(base, call) {
            // not `||`: the time must not tell which one it was
            right |= same_secret(&signature(token, &address, &fields), given);
        }
    }
    if right { Ok(()) } else { Err(VerifyError::Wrong) }
}

/// What is signed besides the address.
type Signed<'a> = BTreeSet<(Cow<'a, str>, Cow<'a, str>)>;

fn signed_fields(call: &WebhookCall) -> Result<Signed<'_>, VerifyError> {
    if call.method == Method::GET {
        return Ok(Signed::new());
    }
    if is_form(call) {
        // a set: each different value of a name counts once
        return Ok(form_urlencoded::parse(&call.body).collect());
    }
    // any other body is signed through its digest in the address
    let digest = call.query_value("bodySHA256").ok_or(VerifyError::Wrong)?;
    let expected = SecretString::from(hex::encode(Sha256::digest(&call.body)));
    if same_secret(&expected, digest.to_ascii_lowercase().as_bytes()) {
        Ok(Signed::new())
    } else {
        Err(VerifyError::Wrong)
    }
}

/// Whether a call carries a form.
pub fn is_form(call: &WebhookCall) -> bool {
    let kind = call.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
    kind.split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// The address as Twilio may have signed it: with its port and without.
fn addresses(base: &Url, call: &WebhookCall) -> [String; 2] {
    let mut rest = base[Position::BeforePath..].to_owned();
    if !call.path_rest.is_empty() {
        rest.push('/');
        rest.push_str(&call.path_rest);
    }
    if !call.query.is_empty() {
        rest.push('?');
        rest.push_str(&call.query);
    }
    let (scheme, host) = (base.scheme(), base.host_str().unwrap_or_default());
    let port = base.port_or_known_default().unwrap_or_default();
    [format!("{scheme}://{host}{rest}"), format!("{scheme}://{host}:{port}{rest}")]
}

fn signature(token: &SecretString, address: &str, fields: &Signed<'_>) -> SecretString {
    let mut pieces: Vec<&[u8]> = vec![address.as_bytes()];
    pieces.extend(fields.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]));
    STANDARD.encode(hmac_sha1(token.expose_secret().as_bytes(), &pieces)).into()
}

/// The signature of a form sent to `address`, for simulators.
pub fn sign(token: &SecretString, address: &str, form: &[u8]) -> SecretString {
    signature(token, address, &form_urlencoded::parse(form).collect())
}

#[cfg(test)]
mod tests;
