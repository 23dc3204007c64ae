use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Where asking stands. A new one asks for everything at once.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Cursor {
    pub(super) sms: Option<String>,
    pub(super) voicemail: Option<String>,
    pub(super) calls: Option<String>,
    pub(super) calls_due: DateTime<Utc>,
    pub(super) subscription_due: DateTime<Utc>,
}

impl Cursor {
    pub(super) fn read(state: Option<&str>) -> Self {
        state.and_then(|state| serde_json::from_str(state).ok()).unwrap_or_default()
    }

    pub(super) fn write(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}
