use http::Method;
use serde::Deserialize as _;
use serde_json::Value;
use weft_channel::{Addressees, WebhookCall};

use crate::wire::{Addressed, Change, Entry, Webhook};

/// Whom a call to the app's one address is for: each change names its number, or else the entry its account.
pub(crate) fn addressees(call: &WebhookCall) -> Addressees {
    if call.method == Method::GET {
        return Addressees::Anybody;
    }
    let entries = call.json::<Webhook>().map(|webhook| webhook.entry).unwrap_or_default();
    let entries = entries.iter().filter_map(|raw| Entry::deserialize(raw).ok());
    Addressees::Called(
        entries
            .flat_map(|entry| entry.changes.iter().map(|raw| addressee(&entry, raw)).collect::<Vec<_>>())
            .collect(),
    )
}

fn addressee(entry: &Entry, raw: &Value) -> String {
    let addressed =
        Change::deserialize(raw).ok().and_then(|change| Addressed::deserialize(&change.value).ok());
    addressed.map_or_else(|| entry.id.clone(), |addressed| addressed.metadata.phone_number_id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use http::HeaderMap;
    use serde_json::json;

    use super::*;

    fn of(method: Method, body: &Value) -> Addressees {
        let (path_rest, query) = (String::new(), String::new());
        let body = body.to_string().into();
        let received_at = chrono::DateTime::UNIX_EPOCH;
        addressees(&WebhookCall { method, path_rest, query, headers: HeaderMap::new(), body, received_at })
    }

    #[test]
    fn each_change_names_its_number_or_its_account() {
        let number = |id: &str| json!({"field": "messages", "value": {"metadata": {"phone_number_id": id}}});
        let template = json!({"field": "message_template_status_update", "value": {"event": "APPROVED"}});
        let body = json!({"entry": [
            {"id": "10", "changes": [number("1"), number("2")]},
            {"id": "20", "changes": [template, "odd"]},
            {"id": "30", "changes": [number("3")]},
            "odd",
        ]});
        let expected = ["1", "2", "20", "3"].map(str::to_owned);
        assert_eq!(of(Method::POST, &body), Addressees::Called(BTreeSet::from(expected)));
        assert_eq!(of(Method::POST, &json!([])), Addressees::Called(BTreeSet::new()));
        assert_eq!(of(Method::GET, &json!(null)), Addressees::Anybody);
    }
}
