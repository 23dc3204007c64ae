use std::fmt::Write;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use weft_bus::{Limits, OutsideReader};
use weft_proto::{Comments, operation::field_rules};

use super::{
    catalogue::Event,
    headers::HEADERS,
    schemas::{default_of, meaning, name_of, names_of},
};

/// How to follow events; what differs between versions has its place in braces.
const FOLLOWING: &str = include_str!("following.md");
const DAY_SECS: u64 = 24 * 3600;

/// `docs/events.md`.
pub(super) fn document(events: &[Event], comments: &Comments) -> String {
    let parts = [following(), list(events), bodies(events, comments), objects(events, comments)];
    parts.join("\n")
}

fn following() -> String {
    let limits = Limits::default().events;
    let headers: String = HEADERS
        .iter()
        .map(|(name, always, about, example)| {
            let always = if *always { "yes" } else { "no" };
            format!("| `{name}` | {always} | {about} | `{example}` |\n")
        })
        .collect();
    FOLLOWING
        .replace("{headers}", headers.trim_end())
        .replace("{days}", &(limits.max_age_secs / DAY_SECS).to_string())
        .replace("{gib}", &(limits.max_bytes >> 30).to_string())
        .replace("{ack_wait}", &OutsideReader::ACK_WAIT.as_secs().to_string())
        .replace("{max_ack_pending}", &OutsideReader::MAX_ACK_PENDING.to_string())
}

fn list(events: &[Event]) -> String {
    let mut text =
        "## The events\n\n| event | published by | in order with what has the same |\n|---|---|---|\n"
            .to_owned();
    for event in events {
        let short = event.kind.short();
        let key = if event.key.is_empty() { "see below".to_owned() } else { format!("`{}`", event.key) };
        // Writing to a String cannot fail.
        _ = writeln!(text, "| [`{short}`](#{}) | `{}` | {key} |", anchor(&short), event.service);
    }
    text
}

fn bodies(events: &[Event], comments: &Comments) -> String {
    let mut text = String::new();
    for event in events {
        let example = serde_json::to_string_pretty(&event.example).unwrap_or_default();
        _ = write!(
            text,
            "### {short}\n\n{about}\n\nSubject `{subject}`, `ce-type: {kind}`.\n\n{fields}\n```json\n{example}\n```\n\n",
            short = event.kind.short(),
            about = event.about,
            subject = event.subject("<tenant>"),
            kind = event.kind.cloud_event(),
            fields = fields_of(&event.message, comments),
        );
    }
    text.trim_end().to_owned() + "\n"
}

fn objects(events: &[Event], comments: &Comments) -> String {
    let mut found: Vec<MessageDescriptor> = Vec::new();
    events.iter().for_each(|event| collect(&event.message, &mut found));
    found.sort_by_key(name_of);
    let mut text = "## What they hold\n\nPersonal is what tells something about a person. Ids are not: they say nothing to anybody who may not ask Weft.\n".to_owned();
    for message in &found {
        _ = write!(text, "\n### {}\n\n", name_of(message));
        if let Some(about) = comments.of(message.parent_file().name(), message.path()) {
            _ = write!(text, "{about}\n\n");
        }
        text += &fields_of(message, comments);
    }
    text
}

fn collect(message: &MessageDescriptor, found: &mut Vec<MessageDescriptor>) {
    for field in message.fields() {
        let Kind::Message(inner) = field.kind() else { continue };
        if inner.package_name().starts_with("weft.") && !found.contains(&inner) {
            found.push(inner.clone());
            collect(&inner, found);
        }
    }
}

/// The table of a message's fields.
fn fields_of(message: &MessageDescriptor, comments: &Comments) -> String {
    let mut text = "| field | JSON | when absent | personal | meaning |\n|---|---|---|---|---|\n".to_owned();
    for field in message.fields() {
        let personal = if field_rules(&field).personal { "personal" } else { "" };
        let (json, absent) = form(&field);
        let name = field.name();
        _ = writeln!(
            text,
            "| `{name}` | {json} | {absent} | {personal} | {} |",
            meaning(comments, &field).replace('|', "\\|")
        );
    }
    text
}

/// How a field is written in JSON, and what it means when it is left out.
fn form(field: &FieldDescriptor) -> (String, String) {
    let (one, default) = match field.kind() {
        Kind::String => ("text".to_owned(), "empty"),
        Kind::Bytes => ("text, base64".to_owned(), "empty"),
        Kind::Bool => ("boolean".to_owned(), "`false`"),
        Kind::Double | Kind::Float => ("number".to_owned(), "0"),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 | Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
            ("integer".to_owned(), "0")
        }
        Kind::Uint32 | Kind::Fixed32 | Kind::Uint64 | Kind::Fixed64 => ("integer from 0".to_owned(), "0"),
        Kind::Enum(kinds) => {
            let words: Vec<String> = names_of(&kinds).iter().map(|name| format!("`{name}`")).collect();
            let absent = default_of(&kinds).map_or("not known".to_owned(), |name| format!("`{name}`"));
            return (listed(field, &words.join(", ")), absent);
        }
        Kind::Message(inner) => match inner.full_name() {
            "google.protobuf.Timestamp" => ("time, RFC 3339 in UTC".to_owned(), "unset"),
            "google.protobuf.Struct" => ("any object".to_owned(), "unset"),
            _ => (format!("[{0}](#{1})", name_of(&inner), anchor(&name_of(&inner))), "unset"),
        },
    };
    let absent = match (field.is_list(), field.supports_presence()) {
        (true, _) => "empty",
        (false, true) => "unset",
        (false, false) => default,
    };
    (listed(field, &one), absent.to_owned())
}

fn listed(field: &FieldDescriptor, one: &str) -> String {
    if field.is_list() { format!("list of {one}") } else { one.to_owned() }
}

/// What a heading is called in an address.
fn anchor(heading: &str) -> String {
    heading.to_lowercase().replace('.', "")
}
