use std::{fmt, sync::Arc, time::Duration};

use serde_json::{Map, Value, json};
use weft_domain::{Clock, SystemClock};

/// The business number that is simulated.
#[derive(Clone)]
pub struct Settings {
    /// The token the business calls with.
    pub access_token: String,
    /// What webhooks are signed with.
    pub app_secret: String,
    /// What the webhook is greeted with.
    pub verify_token: String,
    /// The number's id.
    pub phone_number_id: String,
    /// The business account's id.
    pub waba_id: String,
    /// The business's name.
    pub name: String,
    /// The number, as digits.
    pub number: String,
    /// What one second of waiting between deliveries of a webhook takes; less in tests.
    pub second: Duration,
    /// How long the address of a file is good for.
    pub address_life: Duration,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            access_token: "EAASimulatedSimulatedSimulated".to_owned(),
            app_secret: "5eed5eed5eed5eed5eed5eed5eed5eed".to_owned(),
            verify_token: "simulated-greeting".to_owned(),
            phone_number_id: "200000000000001".to_owned(),
            waba_id: "100000000000001".to_owned(),
            name: "Acme Support".to_owned(),
            number: "12025550100".to_owned(),
            second: Duration::from_secs(1),
            address_life: Duration::from_mins(5),
            clock: Arc::new(SystemClock),
        }
    }
}

impl Settings {
    /// The settings of an account that connects to the simulator at this address.
    pub fn account(&self, base: &str) -> Map<String, Value> {
        Map::from_iter([
            ("api_base".to_owned(), json!(base)),
            ("phone_number_id".to_owned(), json!(self.phone_number_id)),
            ("waba_id".to_owned(), json!(self.waba_id)),
        ])
    }

    /// The secrets of that account.
    pub fn secrets(&self) -> Map<String, Value> {
        Map::from_iter([
            ("access_token".to_owned(), json!(self.access_token)),
            ("app_secret".to_owned(), json!(self.app_secret)),
            ("verify_token".to_owned(), json!(self.verify_token)),
        ])
    }

    /// What all changes of the number carry.
    pub(super) fn metadata(&self) -> Value {
        json!({"display_phone_number": self.number, "phone_number_id": self.phone_number_id})
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("number", &self.number).finish_non_exhaustive()
    }
}
