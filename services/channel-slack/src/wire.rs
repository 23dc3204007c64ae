//! Slack's JSON, as far as we use it. Unknown fields are ignored.

use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;

/// A call of the Events API.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Webhook {
    UrlVerification {
        challenge: String,
    },
    EventCallback(Wrapped),
    AppRateLimited {
        team_id: String,
    },
    #[serde(other)]
    Other,
}

/// An event and whom it is shown to.
#[derive(Deserialize)]
pub(crate) struct Wrapped {
    pub(crate) team_id: String,
    pub(crate) event_id: String,
    /// In seconds since 1970.
    pub(crate) event_time: i64,
    #[serde(default)]
    pub(crate) authorizations: Vec<Authorization>,
    /// Read on its own: an odd one must not hide whose it is.
    pub(crate) event: Value,
}

#[derive(Deserialize)]
pub(crate) struct Authorization {
    pub(crate) team_id: Option<String>,
    /// Our app's own user there.
    pub(crate) user_id: String,
    #[serde(default)]
    pub(crate) is_bot: bool,
}

impl Wrapped {
    /// The workspaces it concerns: where it happened, and where the app is that sees it.
    pub(crate) fn teams(&self) -> impl Iterator<Item = &str> {
        let seen_by = self.authorizations.iter().filter_map(|shown| shown.team_id.as_deref());
        std::iter::once(self.team_id.as_str()).chain(seen_by)
    }

    /// Whether it is the app's own user.
    pub(crate) fn is_us(&self, user: &str) -> bool {
        self.authorizations.iter().any(|shown| shown.is_bot && shown.user_id == user)
    }
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Event {
    Message(Message),
    AppMention(Message),
    ReactionAdded(Reaction),
    ReactionRemoved(Reaction),
    AppUninstalled,
    TokensRevoked {
        tokens: Tokens,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
pub(crate) struct Message {
    pub(crate) channel: String,
    /// Missing on mentions, which are in channels only.
    #[serde(default)]
    pub(crate) channel_type: String,
    #[serde(flatten)]
    pub(crate) said: Said,
    /// What it is now, when it was changed.
    pub(crate) message: Option<Said>,
    /// What it was, when it was changed or deleted.
    pub(crate) previous_message: Option<Said>,
    pub(crate) deleted_ts: Option<String>,
}

#[derive(Clone, Deserialize)]
pub(crate) struct Said {
    /// The message's id in its channel, which is also its time.
    pub(crate) ts: String,
    /// The message that its thread hangs on.
    pub(crate) thread_ts: Option<String>,
    pub(crate) subtype: Option<String>,
    pub(crate) user: Option<String>,
    /// Set on what an app said.
    pub(crate) bot_id: Option<String>,
    #[serde(default)]
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) files: Vec<File>,
    /// Set when its author edited it.
    pub(crate) edited: Option<Value>,
}

#[derive(Clone, Deserialize)]
pub(crate) struct File {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) mimetype: String,
    #[serde(default)]
    pub(crate) size: u64,
    /// `hosted`, `external`, `tombstone`, `hidden_by_limit`.
    #[serde(default)]
    pub(crate) mode: String,
    /// `check_file_info`: another workspace's, of which we have to ask first.
    pub(crate) file_access: Option<String>,
    pub(crate) url_private: Option<String>,
    pub(crate) url_private_download: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Reaction {
    pub(crate) user: String,
    /// A name without colons.
    pub(crate) reaction: String,
    pub(crate) item: Item,
    pub(crate) event_ts: String,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Item {
    Message {
        channel: String,
        ts: String,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
pub(crate) struct Tokens {
    #[serde(default)]
    pub(crate) bot: Vec<String>,
}

/// What somebody did with a button or a menu.
#[derive(Deserialize)]
pub(crate) struct Interaction {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) team: Option<Team>,
    pub(crate) user: Option<User>,
    pub(crate) container: Option<Container>,
    /// The message the button is on.
    pub(crate) message: Option<Carrier>,
    #[serde(default)]
    pub(crate) actions: Vec<Value>,
}

#[derive(Deserialize)]
pub(crate) struct Team {
    pub(crate) id: String,
}

#[derive(Deserialize)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) username: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Container {
    pub(crate) channel_id: Option<String>,
    pub(crate) message_ts: Option<String>,
    pub(crate) thread_ts: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Carrier {
    pub(crate) thread_ts: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Action {
    pub(crate) action_ts: String,
    pub(crate) value: Option<String>,
    pub(crate) text: Option<Label>,
    pub(crate) selected_option: Option<Choice>,
}

#[derive(Deserialize)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) text: Option<Label>,
}

#[derive(Deserialize)]
pub(crate) struct Label {
    pub(crate) text: String,
}

/// What every answer of the Web API begins with.
#[derive(Deserialize)]
pub(crate) struct Outcome {
    pub(crate) ok: bool,
    pub(crate) error: Option<String>,
    /// The permission that is missing.
    pub(crate) needed: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Posted {
    pub(crate) channel: String,
    pub(crate) ts: String,
}

#[derive(Deserialize)]
pub(crate) struct UploadPlace {
    pub(crate) upload_url: String,
    pub(crate) file_id: String,
}

#[derive(Deserialize)]
pub(crate) struct Uploaded {
    pub(crate) files: Vec<FileId>,
}

#[derive(Deserialize)]
pub(crate) struct FileId {
    pub(crate) id: String,
}

#[derive(Deserialize)]
pub(crate) struct FileInfo {
    pub(crate) file: File,
}

#[derive(Deserialize)]
pub(crate) struct Identity {
    pub(crate) team_id: String,
    #[serde(default)]
    pub(crate) team: String,
    #[serde(default)]
    pub(crate) user: String,
    /// Missing when the token is a person's.
    pub(crate) bot_id: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Profiled {
    pub(crate) user: Member,
}

#[derive(Deserialize)]
pub(crate) struct Member {
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) real_name: String,
    #[serde(default)]
    pub(crate) is_bot: bool,
    #[serde(default)]
    pub(crate) profile: Profile,
}

#[derive(Default, Deserialize)]
pub(crate) struct Profile {
    #[serde(default)]
    pub(crate) display_name: String,
    #[serde(default)]
    pub(crate) real_name: String,
    pub(crate) email: Option<String>,
}

/// A field of a form, decoded.
pub(crate) fn form_value(form: &[u8], wanted: &str) -> Option<String> {
    form_urlencoded::parse(form).find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
}
