use http::HeaderValue;
use weft_channel::{Adapter, VerifyError, WebhookCall};

use super::Subject;

/// A genuine call is taken, every other one is not.
pub(super) fn check<A: Adapter>(subject: &Subject<'_, A>) -> Vec<String> {
    let genuine = &subject.samples.webhook;
    let name = subject.samples.signature_header;
    let mut whys = Vec::new();

    if let Err(error) = verify(subject, genuine) {
        whys.push(format!("signature: the genuine call is refused: {error}"));
    }
    if subject.adapter.receive(&subject.account, genuine).is_err() {
        whys.push("signature: the genuine call cannot be read".to_owned());
    }
    let mut unsigned = genuine.clone();
    unsigned.headers.remove(name);
    if verify(subject, &unsigned) != Err(VerifyError::Missing) {
        whys.push("signature: a call without signature must be `Missing`".to_owned());
    }
    for (what, value) in forgeries(genuine, name) {
        let mut forged = genuine.clone();
        forged.headers.insert(name, value);
        if verify(subject, &forged) != Err(VerifyError::Wrong) {
            whys.push(format!("signature: {what} must be `Wrong`"));
        }
    }
    for body in [&b""[..], b"{", b"null", b"[]", b"\xff\xfe", b"{\"a\":1}"] {
        let odd = WebhookCall { body: bytes::Bytes::copy_from_slice(body), ..genuine.clone() };
        // an error or nothing at all, but no panic and no event
        let events = subject
            .adapter
            .receive(&subject.account, &odd)
            .map(|received| received.events)
            .unwrap_or_default();
        if !events.is_empty() {
            whys.push(format!("signature: the body {body:?} gives events"));
        }
    }
    whys
}

fn verify<A: Adapter>(subject: &Subject<'_, A>, call: &WebhookCall) -> Result<(), VerifyError> {
    subject.adapter.verify(&subject.account, call)
}

fn forgeries(genuine: &WebhookCall, name: &str) -> Vec<(&'static str, HeaderValue)> {
    let signature = genuine.headers.get(name).map(|value| value.as_bytes().to_vec()).unwrap_or_default();
    let mut last = signature.clone();
    if let Some(byte) = last.last_mut() {
        *byte = if *byte == b'0' { b'1' } else { b'0' };
    }
    let mut shorter = signature.clone();
    shorter.pop();
    let longer = [signature.as_slice(), b"0"].concat();
    let all = [
        ("a signature with another last character", last),
        ("a shorter signature", shorter),
        ("a longer signature", longer),
        ("an empty signature", Vec::new()),
        ("a signature that is not text", vec![0xff, 0xfe]),
    ];
    all.into_iter().filter_map(|(what, value)| Some((what, HeaderValue::from_bytes(&value).ok()?))).collect()
}
