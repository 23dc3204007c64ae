//! Makes events in few words.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use weft_proto::convert::timestamp;

use crate::{Event, Inbound, Person, ReceiveError, Received, Thread, Unreadable, thread};

/// Reads one entry of a call; the error says where it went wrong and never quotes it.
pub fn read<'a, T: Deserialize<'a>>(entry: &'a Value) -> Result<T, ReceiveError> {
    serde_path_to_error::deserialize(entry).map_err(|error| ReceiveError {
        // serde's own words would quote the value
        why: format!("`{}` is missing something or has another shape than expected", error.path()),
    })
}

/// An entry that could not be read, for the dead letters.
pub fn unreadable(error: ReceiveError, entry: &Value) -> Received {
    let entry = Unreadable { why: error.why, raw: entry.to_string().into() };
    Received { unreadable: vec![entry], ..Received::default() }
}

/// An event; the host fills in tenant and channel.
pub fn event(key: impl Into<String>, occurred_at: DateTime<Utc>, thread: Thread, event: Event) -> Inbound {
    Inbound {
        key: key.into(),
        occurred_at: Some(timestamp(occurred_at)),
        thread: Some(thread),
        event: Some(event),
        ..Inbound::default()
    }
}

/// A thread with one contact.
pub fn direct(id: impl Into<String>, contact: Person) -> Thread {
    Thread {
        id: id.into(),
        kind: thread::Kind::Direct.into(),
        title: contact.name.clone(),
        contact: Some(contact),
    }
}

/// A thread with several people.
pub fn group(id: impl Into<String>, title: impl Into<String>) -> Thread {
    Thread { id: id.into(), kind: thread::Kind::Group.into(), title: title.into(), contact: None }
}

/// Whether it is a telephone number with its country's code.
pub fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// How the names of files of this type end, for files that come without a name.
pub fn extension(mime: &str) -> &'static str {
    match mime {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "video/mp4" => "mp4",
        "video/3gpp" => "3gp",
        "video/webm" => "webm",
        "audio/ogg" => "ogg",
        "audio/mpeg" | "audio/mp3" => "mp3",
        "audio/mp4" | "audio/m4a" | "audio/x-m4a" => "m4a",
        "audio/aac" => "aac",
        "audio/amr" => "amr",
        "audio/wav" | "audio/x-wav" => "wav",
        "application/pdf" => "pdf",
        "application/x-tgsticker" => "tgs",
        "text/vcard" | "text/x-vcard" => "vcf",
        _ => "bin",
    }
}
