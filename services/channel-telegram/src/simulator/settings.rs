use std::{fmt, sync::Arc, time::Duration};

use serde_json::{Value, json};
use weft_domain::{Clock, SystemClock};

/// The bot that is simulated.
#[derive(Clone)]
pub struct Settings {
    /// The token the bot calls with.
    pub token: String,
    /// The bot's name.
    pub name: String,
    /// The bot's public name.
    pub username: String,
    /// What one second of waiting between deliveries of a webhook takes; less in tests.
    pub second: Duration,
    /// The id of the first update.
    pub first_update_id: i64,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            token: "700000001:AASimulatedSimulatedSimulatedSimul".to_owned(),
            name: "Acme Support".to_owned(),
            username: "acme_support_bot".to_owned(),
            second: Duration::from_secs(1),
            first_update_id: 900_000_001,
            clock: Arc::new(SystemClock),
        }
    }
}

impl Settings {
    /// The bot as a user.
    pub(super) fn bot(&self) -> Value {
        let id: i64 = self.token.split(':').next().and_then(|id| id.parse().ok()).unwrap_or_default();
        json!({"id": id, "is_bot": true, "first_name": self.name, "username": self.username})
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("username", &self.username).finish_non_exhaustive()
    }
}
