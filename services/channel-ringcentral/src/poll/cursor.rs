use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{sync::Source, words::Words};

/// Where asking stands. A new one asks for everything at once.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Cursor {
    sms: Place,
    voicemail: Place,
    calls: Place,
    pub(super) calls_due: DateTime<Utc>,
    pub(super) subscription_due: DateTime<Utc>,
    pub(super) words: Words,
}

/// Where asking for one thing stands.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Place {
    /// What names the changes that are known.
    pub(super) token: Option<String>,
    /// What is older than the first answer had room for, and not yet here.
    pub(super) older: Option<Older>,
}

/// A list's next page.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Older {
    pub(super) until: DateTime<Utc>,
    pub(super) page: u32,
}

impl Cursor {
    pub(super) fn read(state: Option<&str>) -> Self {
        state.and_then(|state| serde_json::from_str(state).ok()).unwrap_or_default()
    }

    pub(super) fn write(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    pub(super) fn place(&mut self, source: Source) -> &mut Place {
        match source {
            Source::Sms => &mut self.sms,
            Source::Voicemail => &mut self.voicemail,
            Source::Calls => &mut self.calls,
        }
    }
}
