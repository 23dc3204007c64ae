use super::source::Dry;

/// Why a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The other side left.
    Gone,
    /// The other side sent what is too large or no WebSocket.
    Unreadable,
    /// The other side talks too much.
    Chatty,
    Idle,
    Lagging,
    SessionEnded,
    GoingAway,
    Expired,
    /// The bus does not answer.
    Unavailable,
}

impl End {
    pub(crate) const ALL: [Self; 9] = [
        Self::Gone,
        Self::Unreadable,
        Self::Chatty,
        Self::Idle,
        Self::Lagging,
        Self::SessionEnded,
        Self::GoingAway,
        Self::Expired,
        Self::Unavailable,
    ];

    /// The word for figures.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Unreadable => "unreadable",
            Self::Chatty => "chatty",
            Self::Idle => "idle",
            Self::Lagging => "lagging",
            Self::SessionEnded => "session_ended",
            Self::GoingAway => "going_away",
            Self::Expired => "expired",
            Self::Unavailable => "unavailable",
        }
    }

    /// The close code and its words. 4000 and above are ours.
    pub(super) fn close(self) -> (u16, &'static str) {
        match self {
            Self::Gone => (1000, ""),
            Self::Unreadable => (1009, "send text frames of at most 64 KiB"),
            Self::Chatty => (1008, "too many frames"),
            Self::Idle => (1001, "idle"),
            Self::Lagging => (1013, "lagging"),
            Self::SessionEnded => (4401, "session ended"),
            Self::GoingAway => (1012, "going away"),
            Self::Expired => (4410, "cursor expired"),
            Self::Unavailable => (1011, "unavailable"),
        }
    }

    /// What the last frame says, where there is one.
    pub(super) fn goodbye(self) -> Option<&'static str> {
        match self {
            Self::Gone | Self::Unreadable | Self::Chatty | Self::Idle => None,
            Self::Lagging => Some("lagging"),
            Self::SessionEnded => Some("session_ended"),
            // the same to a client: come back and resume
            Self::GoingAway | Self::Unavailable => Some("going_away"),
            Self::Expired => Some("cursor_expired"),
        }
    }
}

impl From<Dry> for End {
    fn from(dry: Dry) -> Self {
        match dry {
            Dry::Lagging => Self::Lagging,
            Dry::Expired => Self::Expired,
            Dry::Closed(None) => Self::Unavailable,
            Dry::Closed(Some(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "older events cannot be read");
                Self::Unavailable
            }
        }
    }
}
