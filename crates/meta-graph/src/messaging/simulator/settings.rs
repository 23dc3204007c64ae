use std::{fmt, sync::Arc, time::Duration};

use weft_domain::{Clock, SystemClock};

/// The account that is simulated.
#[derive(Clone)]
pub struct Settings {
    /// The kind of object that webhooks are about, like `page`.
    pub object: &'static str,
    /// The node whose edges are called.
    pub node: String,
    /// The account's id in webhooks.
    pub account: String,
    /// The account's name.
    pub name: String,
    /// The token the business calls with.
    pub access_token: String,
    /// The app.
    pub app_id: String,
    /// What webhooks are signed with.
    pub app_secret: String,
    /// What the webhook is greeted with, where it is entered by hand.
    pub verify_token: String,
    /// Whether people may answer for seven days.
    pub human_agent: bool,
    /// What this kind of account takes and tells.
    pub rules: Rules,
    /// What one second of waiting between deliveries of a webhook takes; less in tests.
    pub second: Duration,
    /// How long the address of a file is good for.
    pub address_life: Duration,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// In what one kind of account differs from the other.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Before the ids of messages.
    pub message_prefix: &'static str,
    /// The longest text in characters.
    pub max_chars: usize,
    /// The longest text in bytes.
    pub max_bytes: usize,
    /// A message says what it is for.
    pub needs_type: bool,
    /// A file may come with the call.
    pub uploads: bool,
    /// A message may carry words of the business, answer another, and is reported as delivered.
    pub tells_more: bool,
    /// People answer stories and mention the business in theirs.
    pub stories: bool,
    /// What may be reacted with; none: any emoji.
    pub reactions: &'static [&'static str],
    /// The kinds of files.
    pub media: &'static [Media],
    /// The subcode of a refusal for lateness.
    pub window_closed: i64,
    /// The subcode for people who are unknown.
    pub nobody: i64,
}

/// A kind of file.
#[derive(Clone, Copy, Debug)]
pub struct Media {
    /// Like `image`.
    pub kind: &'static str,
    /// The types it takes; none: all.
    pub types: &'static [&'static str],
    /// The largest, in bytes.
    pub max_bytes: usize,
}

impl Settings {
    /// An account with everything but what makes its kind.
    pub fn new(object: &'static str, node: &str, account: &str, rules: Rules) -> Self {
        Self {
            object,
            node: node.to_owned(),
            account: account.to_owned(),
            name: "Acme Support".to_owned(),
            access_token: "EAASimulatedSimulatedSimulated".to_owned(),
            app_id: "200000000000009".to_owned(),
            app_secret: "5eed5eed5eed5eed5eed5eed5eed5eed".to_owned(),
            verify_token: "simulated-greeting".to_owned(),
            human_agent: true,
            rules,
            second: Duration::from_secs(1),
            address_life: Duration::from_hours(1),
            clock: Arc::new(SystemClock),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("object", &self.object).finish_non_exhaustive()
    }
}
