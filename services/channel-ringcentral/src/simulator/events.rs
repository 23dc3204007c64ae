use chrono::Utc;
use serde_json::{Value, json};

use super::{
    ACCOUNT, EXTENSION,
    state::{Push, State, set, written},
};

impl State {
    /// Brings something to all who subscribed it.
    pub(super) fn tell(&mut self, what: &str, body: &Value) {
        let event = format!("/restapi/v1.0/account/{ACCOUNT}/extension/{EXTENSION}{what}");
        let path = what.split('?').next().unwrap_or_default();
        let wants = |filter: &String| filter.split('?').next().is_some_and(|filter| filter.ends_with(path));
        let ids: Vec<String> = self
            .subscriptions
            .iter()
            .filter(|(_, one)| one.status == "Active" && one.filters.iter().any(wants))
            .map(|(id, _)| id.clone())
            .collect();
        for subscription in ids {
            let mut body = body.clone();
            if self.oddities.unknown_fields {
                set(&mut body, "addedLater", json!({"é": [1, null]}));
            }
            let told = json!({
                "uuid": self.next_id().to_string(), "event": event, "timestamp": written(Utc::now()),
                "subscriptionId": subscription, "ownerId": EXTENSION, "body": body,
            });
            let copies = if self.oddities.duplicates { 2 } else { 1 };
            for _ in 0..copies {
                self.pushes.push_back(Push { subscription: subscription.clone(), body: told.clone() });
            }
        }
    }
}
