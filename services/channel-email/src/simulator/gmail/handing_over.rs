use std::io;

use axum::{
    Json,
    body::Body,
    extract::State as Shared,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE};
use bytes::Bytes;
use futures::stream;
use serde_json::{Value, json};

use super::{
    answers::{mail_id, mail_number, refuse},
    let_in,
};
use crate::{
    mail,
    simulator::{ADDRESS, Fault, Simulator},
};

/// The largest mail.
const MOST_BYTES: usize = 25_000_000;

pub(super) async fn send(
    Shared(simulator): Shared<Simulator>,
    headers: HeaderMap,
    Json(asked): Json<Value>,
) -> Response {
    if let Err(refusal) = let_in(&simulator, &headers) {
        return refusal.into_response();
    }
    let Some(raw) = asked.get("raw").and_then(Value::as_str).and_then(|raw| URL_SAFE.decode(raw).ok()) else {
        return refuse(400, "invalidArgument", "'raw' RFC822 payload message string required")
            .into_response();
    };
    take(&simulator, &raw, asked.get("threadId").and_then(Value::as_str))
}

/// The same as two parts: what is said about it, and the mail as it is.
pub(super) async fn upload(
    Shared(simulator): Shared<Simulator>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = let_in(&simulator, &headers) {
        return refusal.into_response();
    }
    let Some((about, raw)) = parts(&headers, &body) else {
        return refuse(400, "badRequest", "Bad Request").into_response();
    };
    take(&simulator, &raw, about.get("threadId").and_then(Value::as_str))
}

fn parts(headers: &HeaderMap, body: &[u8]) -> Option<(Value, Vec<u8>)> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    kind.strip_prefix("multipart/related; boundary=")?;
    let whole = [format!("Content-Type: {kind}\r\n\r\n").as_bytes(), body].concat();
    let read = mail_parser::MessageParser::default().parse(&whole)?;
    let about = serde_json::from_slice(read.part(1)?.contents()).ok()?;
    let mail = read.part(2)?;
    let raw = whole.get(mail.raw_body_offset() as usize..mail.raw_end_offset() as usize)?;
    Some((about, raw.to_vec()))
}

fn take(simulator: &Simulator, raw: &[u8], thread: Option<&str>) -> Response {
    let fault = simulator.world.lock().fault(|fault| {
        use Fault::{Broken, Busy, DropAfterData, DropBeforeData, Limited};
        matches!(fault, Busy | Limited | Broken | DropAfterData | DropBeforeData)
    });
    match fault {
        Some(Fault::Busy) => {
            let mut refusal = refuse(429, "rateLimitExceeded", "User-rate limit exceeded.").into_response();
            refusal.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("120"));
            return refusal;
        }
        Some(Fault::Limited) => {
            return refuse(403, "userRateLimitExceeded", "User-rate limit exceeded.").into_response();
        }
        Some(Fault::Broken) => return refuse(503, "backendError", "Backend Error").into_response(),
        Some(Fault::DropBeforeData) => return broken(),
        _ => {}
    }
    let mail = mail::parse(raw, None);
    if raw.len() > MOST_BYTES {
        return refuse(413, "uploadTooLarge", "Message too large").into_response();
    }
    let to = recipients(raw, &mail);
    if to.is_empty() {
        return refuse(400, "invalidArgument", "Recipient address required").into_response();
    }
    let thread = thread.map(|thread| mail_number(thread).unwrap_or_default());
    let mut state = simulator.world.lock();
    if thread.is_some_and(|thread| !state.mails().any(|(_, mail)| mail.thread == thread)) {
        return refuse(404, "notFound", "Requested entity was not found.").into_response();
    }
    let clean = without_hidden(raw);
    state.send(ADDRESS, &to, &clean);
    state.deliver(ADDRESS, "Sent", clean);
    let kept = state.keep_in_thread(thread);
    for gone in to.iter().filter(|to| to.starts_with("no-")) {
        state.deliver(ADDRESS, "INBOX", bounce(gone, mail.message_id.as_deref().unwrap_or_default()));
    }
    drop(state);
    simulator.world.change(|state| state.arrived += 1);
    if fault == Some(Fault::DropAfterData) {
        return broken();
    }
    let (id, thread) = kept;
    Json(json!({"id": mail_id(id), "threadId": mail_id(thread), "labelIds": ["SENT"]})).into_response()
}

/// An answer that never comes to its end.
fn broken() -> Response {
    let body = stream::iter([Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionReset))]);
    Response::new(Body::from_stream(body))
}

/// Everybody in a header.
fn recipients(raw: &[u8], mail: &mail::Mail) -> Vec<String> {
    let named = mail.to.iter().chain(&mail.cc).map(|one| one.address.clone());
    let headers = mail::Headers::read(raw);
    let hidden = headers.get("bcc").unwrap_or_default().split(',').map(|one| one.trim().to_owned());
    named.chain(hidden).filter(|one| one.contains('@')).collect()
}

/// Nobody sees who got it, too.
fn without_hidden(raw: &[u8]) -> Vec<u8> {
    let mut hides = false;
    let mut in_head = true;
    let lines = raw.split_inclusive(|byte| *byte == b'\n').filter(|line| {
        in_head &= !matches!(line, [b'\n'] | [b'\r', b'\n']);
        if in_head && !line.starts_with(b" ") && !line.starts_with(b"\t") {
            hides = line.len() >= 4 && line.iter().take(4).map(u8::to_ascii_lowercase).eq(*b"bcc:");
        }
        !(in_head && hides)
    });
    lines.flatten().copied().collect()
}

fn bounce(to: &str, of: &str) -> Vec<u8> {
    let text = format!(
        "Return-Path: <>\nFrom: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nTo: {ADDRESS}\n\
         Message-ID: <bounce-of-{of}>\nSubject: Delivery Status Notification (Failure)\nAuto-Submitted: auto-replied\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\n\
         Address not found\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; googlemail.com\n\n\
         Final-Recipient: rfc822; {to}\nAction: failed\nStatus: 5.1.1\n--b\nContent-Type: text/rfc822-headers\n\n\
         Message-ID: <{of}>\n--b--\n"
    );
    text.replace('\n', "\r\n").into_bytes()
}
