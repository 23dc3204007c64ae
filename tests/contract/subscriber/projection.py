"""What this program keeps: contacts, conversations, messages and reactions as they are now, in one SQLite file."""

import json
import sqlite3

TABLES = """
CREATE TABLE IF NOT EXISTS inbox (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS told (type TEXT PRIMARY KEY, events INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS written (conversation_id TEXT PRIMARY KEY, messages INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS things (
  kind TEXT, id TEXT, version_since TEXT, version_sequence INTEGER, PRIMARY KEY (kind, id));
CREATE TABLE IF NOT EXISTS contacts (
  id TEXT PRIMARY KEY, name TEXT, email TEXT, phone TEXT, language TEXT, identities TEXT);
CREATE TABLE IF NOT EXISTS conversations (
  id TEXT PRIMARY KEY, contact_id TEXT, channel_id TEXT, channel_kind TEXT, status TEXT, priority TEXT,
  assignee TEXT, unread_count INTEGER, last_seq INTEGER, last_message_id TEXT, waiting_since TEXT);
CREATE TABLE IF NOT EXISTS messages (
  id TEXT PRIMARY KEY, conversation_id TEXT, seq INTEGER, direction TEXT, author_kind TEXT, author_id TEXT, kind TEXT,
  text TEXT, state TEXT, state_reason TEXT, reply_to TEXT, attachments TEXT, edited_at TEXT, deleted_at TEXT,
  created_at TEXT);
CREATE TABLE IF NOT EXISTS reactions (
  id TEXT PRIMARY KEY, message_id TEXT, author_id TEXT, emoji TEXT, removed INTEGER);
"""


class Projection:
    """One transaction per batch; whatever has been committed survives the end of this program."""

    def __init__(self, path):
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(TABLES)
        self.repeated = 0
        self.late = 0

    def apply(self, events):
        """Applies events, each as (version, headers, body), all or none."""
        self._db.execute("BEGIN IMMEDIATE")
        for version, headers, body in events:
            self._apply(version, headers, body)
        self._db.execute("COMMIT")

    def _apply(self, version, headers, body):
        entity = headers["ce-type"].removeprefix("weft.v1.").split(".")[0]
        store = STORED.get(entity)
        if store is not None:
            store(self, version, body)
        if self._is_new(headers["ce-id"]):
            self._count(headers["ce-type"], body)

    def _is_new(self, event):
        is_new = self._db.execute("INSERT OR IGNORE INTO inbox VALUES (?)", [event]).rowcount == 1
        self.repeated += not is_new
        return is_new

    def _count(self, kind, body):
        add = "INSERT INTO {0} VALUES (?, 1) ON CONFLICT DO UPDATE SET {1} = {1} + 1"
        self._db.execute(add.format("told", "events"), [kind])
        if kind == "weft.v1.message.created":
            self._db.execute(add.format("written", "messages"), [body["message"]["conversation_id"]])

    def _set(self, table, version, row):
        """Sets a row unless it is set from a later event already."""
        newer = self._db.execute(
            "INSERT INTO things VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET version_since = excluded.version_since, "
            "version_sequence = excluded.version_sequence WHERE (version_since, version_sequence) "
            "<= (excluded.version_since, excluded.version_sequence)",
            [table, row["id"], *version],
        )
        if newer.rowcount == 0:
            self.late += 1
            return
        marks = ", ".join("?" * len(row))
        self._db.execute(f"INSERT OR REPLACE INTO {table} ({', '.join(row)}) VALUES ({marks})", [*row.values()])

    def _contact(self, version, body):
        contact = body["contact"]
        identities = [
            [one.get("channel_id", ""), one.get("external_id", ""), one.get("reachable", False)]
            for one in contact.get("identities", [])
        ]
        row = {"id": contact["id"], "name": contact.get("name", ""), "identities": json.dumps(sorted(identities))}
        row |= {name: contact.get(name) for name in ("email", "phone", "language")}
        self._set("contacts", version, row)

    def _conversation(self, version, body):
        one = body["conversation"]
        row = {
            "id": one["id"],
            "contact_id": one.get("contact", {}).get("id", ""),
            "channel_id": one.get("channel", {}).get("id", ""),
            "channel_kind": one.get("channel", {}).get("kind", ""),
            "status": one.get("status"),
            "priority": one.get("priority"),
            "assignee": one.get("assignee"),
            "unread_count": one.get("unread_count", 0),
            "last_seq": one.get("last_seq", 0),
            "last_message_id": one.get("last_message", {}).get("id"),
            "waiting_since": one.get("waiting_since"),
        }
        self._set("conversations", version, row)

    def _message(self, version, body):
        one = body["message"]
        row = {name: one.get(name) for name in ("id", "conversation_id", "direction", "kind", "state", "state_reason")}
        row |= {name: one.get(name) for name in ("reply_to", "edited_at", "deleted_at", "created_at")}
        row |= {"seq": one.get("seq", 0), "text": one.get("text", "")}
        row |= {"author_kind": one.get("author", {}).get("kind"), "author_id": one.get("author", {}).get("id", "")}
        row["attachments"] = json.dumps(
            [[file.get("kind", "file"), file.get("state", "pending")] for file in one.get("attachments", [])]
        )
        self._set("messages", version, row)

    def _reaction(self, version, body):
        author = body.get("author", {}).get("id", "")
        row = {name: body.get(name, "") for name in ("message_id", "emoji")}
        row |= {"id": f"{row['message_id']} {author} {row['emoji']}", "author_id": author}
        row["removed"] = int(body.get("removed", False))
        self._set("reactions", version, row)


STORED = {
    "contact": Projection._contact,
    "conversation": Projection._conversation,
    "message": Projection._message,
    "reaction": Projection._reaction,
}
