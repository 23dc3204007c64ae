//! Signature Version 4 as its description says, apart from the library that signs: what a provider checks.

use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::cloud::{KEY, KEY_ID};

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Whether a call without a query carries the signature of our key.
pub(crate) fn holds(method: &str, path: &str, service: &str, headers: &HeaderMap, body: &[u8]) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (date, digest) = (header("x-amz-date"), hex::encode(Sha256::digest(body)));
    let Some(day) = date.get(..8) else { return false };
    let scope = format!("{day}/eu-central-1/{service}/aws4_request");
    let names =
        header("authorization").split("SignedHeaders=").nth(1).and_then(|rest| rest.split(',').next());
    let names = names.unwrap_or_default();
    let listed: String = names.split(';').map(|name| format!("{name}:{}\n", header(name).trim())).collect();
    let wants_digest = service != "s3" || header("x-amz-content-sha256") == digest;
    let required = ["host", "x-amz-date", "content-type"];
    if !wants_digest || !required.iter().all(|name| names.split(';').any(|one| one == *name)) {
        return false;
    }
    let canonical = format!("{method}\n{path}\n\n{listed}\n{names}\n{digest}");
    let canonical = hex::encode(Sha256::digest(canonical));
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{canonical}");
    let mut key = format!("AWS4{KEY}").into_bytes();
    for part in [day, "eu-central-1", service, "aws4_request"] {
        key = mac(&key, part);
    }
    let signature = hex::encode(mac(&key, &text));
    let expected =
        format!("AWS4-HMAC-SHA256 Credential={KEY_ID}/{scope}, SignedHeaders={names}, Signature={signature}");
    header("authorization") == expected
}
