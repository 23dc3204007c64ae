use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use super::super::state::Stored;
use crate::mail::Headers;

pub(super) type Answer = Result<Json<Value>, Refusal>;

/// A refusal as Google words it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal {
    code: u16,
    reason: &'static str,
    message: &'static str,
}

/// Ids look like this.
const IDS: u64 = 0x18d0_0000_0000_0000;

pub(super) fn refuse(code: u16, reason: &'static str, message: &'static str) -> Refusal {
    Refusal { code, reason, message }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self { code, reason, message } = self;
        let status = StatusCode::from_u16(code).unwrap_or_default();
        let errors = json!([{"reason": reason, "domain": "global", "message": message}]);
        let error = json!({"code": code, "message": message, "errors": errors});
        (status, Json(json!({"error": error}))).into_response()
    }
}

/// The folder that has this label.
pub(super) fn folder_of(label: &str) -> Option<&'static str> {
    match label {
        "INBOX" => Some("INBOX"),
        "SENT" => Some("Sent"),
        "SPAM" => Some("Junk"),
        _ => None,
    }
}

pub(super) fn label_of(folder: &str) -> &'static str {
    match folder {
        "Sent" => "SENT",
        "Junk" => "SPAM",
        _ => "INBOX",
    }
}

pub(super) fn mail_id(number: u64) -> String {
    format!("{:x}", IDS + number)
}

pub(super) fn mail_number(id: &str) -> Option<u64> {
    u64::from_str_radix(id, 16).ok()?.checked_sub(IDS)
}

/// A mail in one of the formats.
pub(super) fn message(folder: &str, mail: &Stored, format: &str, history_id: u64) -> Result<Value, Refusal> {
    let mut answer = json!({
        "id": mail_id(mail.id),
        "threadId": mail_id(mail.thread),
        "labelIds": [label_of(folder), "UNREAD"],
        "snippet": "",
        "sizeEstimate": mail.raw.len(),
        "historyId": history_id.to_string(),
        "internalDate": mail.arrived.timestamp_millis().to_string(),
    });
    let mut put = |name: &str, value: Value| {
        if let Some(fields) = answer.as_object_mut() {
            fields.insert(name.to_owned(), value);
        }
    };
    match format {
        "minimal" => {}
        "raw" => put("raw", URL_SAFE.encode(&mail.raw).into()),
        "metadata" => {
            let parsed = crate::mail::parse(&mail.raw, None);
            let snippet: String = parsed.text.chars().take(200).collect();
            put("snippet", ammonia::clean_text(&snippet).into());
            let headers = Headers::read(&mail.raw);
            let named = ["from", "to", "subject", "message-id", "in-reply-to", "date", "content-type"];
            let given =
                named.iter().filter_map(|name| Some(json!({"name": name, "value": headers.get(name)?})));
            put("payload", json!({"headers": given.collect::<Vec<_>>()}));
        }
        _ => return Err(refuse(400, "invalidArgument", "Invalid value at 'format'")),
    }
    Ok(answer)
}

/// Whether a mail is among those searched for.
pub(super) fn matches(mail: &Stored, search: &str) -> Result<bool, Refusal> {
    let unknown = || refuse(400, "invalidArgument", "the simulator knows no such search");
    for word in search.split_whitespace() {
        let (name, value) = word.split_once(':').ok_or_else(unknown)?;
        let fits = match name {
            "after" => mail.arrived.timestamp() > value.parse::<i64>().map_err(|_| unknown())?,
            "newer_than" => {
                let days = value.strip_suffix('d').and_then(|days| days.parse().ok()).ok_or_else(unknown)?;
                mail.arrived > Utc::now() - TimeDelta::days(days)
            }
            "rfc822msgid" => Headers::read(&mail.raw).ids("message-id").iter().any(|id| id == value),
            _ => return Err(unknown()),
        };
        if !fits {
            return Ok(false);
        }
    }
    Ok(true)
}
