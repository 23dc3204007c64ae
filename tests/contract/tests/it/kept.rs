//! What the program in Python keeps, and what the fleet says, in the same form.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

use serde_json::{Value, json};
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};
use weft_bus::{Bus, Stream};
use weft_tests_fleet::Client;

/// Rows by table and id.
pub(crate) type Kept = BTreeMap<String, BTreeMap<String, Value>>;

const CONTACTS: [&str; 6] = ["id", "name", "email", "phone", "language", "identities"];
const CONVERSATIONS: [&str; 11] = [
    "id",
    "contact_id",
    "channel_id",
    "channel_kind",
    "status",
    "priority",
    "assignee",
    "unread_count",
    "last_seq",
    "last_message_id",
    "waiting_since",
];
const MESSAGES: [&str; 15] = [
    "id",
    "conversation_id",
    "seq",
    "direction",
    "author_kind",
    "author_id",
    "kind",
    "text",
    "state",
    "state_reason",
    "reply_to",
    "attachments",
    "edited_at",
    "deleted_at",
    "created_at",
];

/// What is in the program's own file.
pub(crate) async fn by_stranger(database: &Path) -> Kept {
    let mut kept = Kept::new();
    let tables: [(&str, &[&str]); 6] = [
        ("contacts", &CONTACTS),
        ("conversations", &CONVERSATIONS),
        ("messages", &MESSAGES),
        ("reactions", &["id", "removed"]),
        ("written", &["conversation_id", "messages"]),
        ("told", &["type", "events"]),
    ];
    let mut file = SqliteConnectOptions::new().filename(database).connect().await.unwrap();
    for (table, columns) in tables {
        let fields: Vec<String> = columns.iter().map(|column| format!("'{column}', {column}")).collect();
        let sql = format!("SELECT json_object({}) FROM {table}", fields.join(", "));
        let rows: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&mut file).await.unwrap();
        let rows = rows.iter().map(|row| serde_json::from_str::<Value>(row).unwrap());
        let by_id = rows.map(|row| (row[columns[0]].as_str().unwrap().to_owned(), row));
        kept.insert(table.to_owned(), by_id.collect());
    }
    kept
}

/// What REST answers, and what is on the bus; reactions are as they were played.
pub(crate) async fn by_fleet(admin: &Client, bus: &Bus, reactions: &BTreeMap<String, bool>) -> Kept {
    let mut kept = Kept::new();
    let contacts = admin.list("/v1/contacts").await.into_iter().map(contact);
    kept.insert("contacts".to_owned(), by_id(contacts));
    let conversations = admin.list("/v1/conversations").await;
    let (mut messages, mut written) = (Vec::new(), BTreeMap::new());
    for one in &conversations {
        let id = one["id"].as_str().unwrap();
        let all = admin.list(&format!("/v1/conversations/{id}/messages")).await;
        written.insert(id.to_owned(), json!({"conversation_id": id, "messages": all.len()}));
        messages.extend(all.into_iter().map(message));
    }
    kept.insert("conversations".to_owned(), by_id(conversations.into_iter().map(conversation)));
    kept.insert("messages".to_owned(), by_id(messages.into_iter()));
    kept.insert("written".to_owned(), written);
    kept.insert("told".to_owned(), told(bus).await);
    let played = reactions.iter();
    let played = played.map(|(id, removed)| (id.clone(), json!({"id": id, "removed": u8::from(*removed)})));
    kept.insert("reactions".to_owned(), played.collect());
    kept
}

/// How many events of each type there are, whatever was published twice.
async fn told(bus: &Bus) -> BTreeMap<String, Value> {
    let last = bus.last_cursor(Stream::Events).await.unwrap();
    let mut reader = bus.read_from(Stream::Events, Some(0), vec!["weft.events.>".to_owned()]).await.unwrap();
    let (mut ids, mut counts) = (HashSet::new(), BTreeMap::<String, u64>::new());
    while let Some((cursor, event)) = reader.next().await.unwrap() {
        if ids.insert(event.id) {
            *counts.entry(event.kind).or_default() += 1;
        }
        if cursor == last {
            break;
        }
    }
    counts.into_iter().map(|(kind, events)| (kind.clone(), json!({"type": kind, "events": events}))).collect()
}

fn by_id(rows: impl Iterator<Item = Value>) -> BTreeMap<String, Value> {
    rows.map(|row| (row["id"].as_str().unwrap().to_owned(), row)).collect()
}

fn contact(shown: Value) -> Value {
    let mut identities: Vec<Value> = shown["identities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["channel_id"], one["external_id"], one["reachable"]]))
        .collect();
    identities.sort_by_key(ToString::to_string);
    let mut row = pick(&shown, &CONTACTS);
    row["identities"] = as_python_writes(&identities);
    row
}

fn conversation(shown: Value) -> Value {
    let mut row = pick(&shown, &CONVERSATIONS);
    row["contact_id"] = shown["contact"]["id"].clone();
    row["channel_id"] = shown["channel"]["id"].clone();
    row["channel_kind"] = shown["channel"]["kind"].clone();
    row["last_message_id"] = shown["last_message"]["id"].clone();
    row
}

fn message(shown: Value) -> Value {
    let files: Vec<Value> = shown["attachments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| json!([file["kind"], file["state"]]))
        .collect();
    let mut row = pick(&shown, &MESSAGES);
    row["author_kind"] = shown["author"]["kind"].clone();
    row["author_id"] = shown["author"]["id"].clone();
    row["attachments"] = as_python_writes(&files);
    row
}

fn pick(shown: &Value, names: &[&str]) -> Value {
    names
        .iter()
        .map(|name| ((*name).to_owned(), shown[*name].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn as_python_writes(rows: &[Value]) -> Value {
    Value::from(Value::from(rows.to_vec()).to_string().replace(',', ", "))
}
