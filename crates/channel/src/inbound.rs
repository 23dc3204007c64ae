//! Makes events in few words.

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike as _, Utc};
use serde::Deserialize;
use serde_json::Value;
use weft_proto::convert::timestamp;

use crate::{Event, Inbound, Person, ReceiveError, Received, Thread, Unreadable, thread};

/// What RFC 3339, and so an event's JSON, can say.
const YEARS: RangeInclusive<i32> = 1..=9999;

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

/// An event; the host fills in tenant and channel, and the time of now where the provider's is none that can be written.
pub fn event(key: impl Into<String>, occurred_at: DateTime<Utc>, thread: Thread, event: Event) -> Inbound {
    Inbound {
        key: key.into(),
        occurred_at: YEARS.contains(&occurred_at.year()).then(|| timestamp(occurred_at)),
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

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;
    use weft_proto::channel::v1::ConversationStarted;

    use super::*;

    #[test]
    fn an_event_can_be_written_down_whatever_time_the_provider_gives() {
        for (year, said) in [(-1, false), (0, false), (1, true), (9999, true), (10_000, false)] {
            let at = Utc.with_ymd_and_hms(year, 6, 1, 12, 0, 0).unwrap();
            let event = event("key", at, group("room", ""), Event::Started(ConversationStarted::default()));
            assert_eq!(event.occurred_at.is_some(), said, "{year}");
            weft_proto::json::encode(&event).unwrap_or_else(|error| panic!("{year}: {error}"));
        }
    }
}
