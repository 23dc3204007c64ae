//! What travels over a live socket: JSON text frames, told apart by `type`.

use axum::extract::ws::Utf8Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use weft_domain::{Error, Result};

use super::{
    attendance::Person,
    viewers::{Doing, Viewer},
};

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum ClientFrame {
    /// Adds conversations to those it follows.
    Subscribe { conversations: Conversations },
    /// Takes some away.
    Unsubscribe { conversations: Conversations },
    /// Goes on after this cursor.
    Resume { cursor: String },
    /// Tells the others what one does in a conversation; to be said again at least twice a minute.
    Present { conversation: String, doing: Doing },
    /// Tells the others whether one is at one's desk; whoever opens a socket is, until they say otherwise.
    Attend { away: bool },
    /// Asks whether these people, by their ids, are there.
    AskAttendance { users: Vec<String> },
    /// Asks for a `pong`.
    Ping {},
}

/// Some conversations by their ids, or all.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Conversations {
    All(All),
    Named(Vec<String>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum All {
    All,
}

/// What the server says.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ServerFrame<'a> {
    /// The first frame; whoever has no older cursor may resume from this one.
    Hello {
        cursor: &'a str,
        session_id: &'a str,
    },
    Subscribed {
        conversations: &'a Conversations,
    },
    Unsubscribed {
        conversations: &'a Conversations,
    },
    Event {
        cursor: &'a str,
        event: &'a str,
        #[serde(serialize_with = "rfc3339")]
        time: DateTime<Utc>,
        data: &'a Value,
    },
    /// What is worth nothing a second later, and is not repeated.
    Live {
        event: &'a str,
        data: &'a Value,
    },
    /// All that was missed has been sent.
    Resumed {
        cursor: &'a str,
    },
    /// Who else is in a conversation.
    Viewers {
        conversation: &'a str,
        viewers: &'a [Viewer],
    },
    /// Whether people are there.
    Attendance {
        people: &'a [Person],
    },
    Pong {
        cursor: &'a str,
    },
    Error {
        reason: &'a str,
        message: &'a str,
    },
    /// The last frame; what was sent ends at `resume`.
    Goodbye {
        reason: &'static str,
        resume: &'a str,
    },
}

impl ClientFrame {
    pub(super) fn read(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| Error::invalid("invalid_frame", error.to_string()))
    }
}

impl ServerFrame<'_> {
    pub(super) fn text(&self) -> Result<Utf8Bytes> {
        serde_json::to_string(self).map(Utf8Bytes::from).map_err(Error::internal)
    }
}

fn rfc3339<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_is_not_ours_is_refused_with_words() {
        assert!(matches!(
            ClientFrame::read(r#"{"type":"subscribe","conversations":"all"}"#).unwrap(),
            ClientFrame::Subscribe { conversations: Conversations::All(All::All) }
        ));
        assert!(matches!(ClientFrame::read(r#"{"type":"ping"}"#).unwrap(), ClientFrame::Ping {}));
        for wrong in [
            "",
            "[]",
            "{}",
            r#"{"type":"dance"}"#,
            r#"{"type":"subscribe"}"#,
            r#"{"type":"subscribe","conversations":"some"}"#,
            r#"{"type":"subscribe","conversations":[1]}"#,
            r#"{"type":"resume","cursor":5}"#,
            r#"{"type":"present","conversation":"conv_x","doing":"dancing"}"#,
            r#"{"type":"resume","cursor":"a","more":1}"#,
        ] {
            assert_eq!(ClientFrame::read(wrong).unwrap_err().reason(), "invalid_frame", "{wrong}");
        }
    }
}
