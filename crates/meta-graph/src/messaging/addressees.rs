use http::Method;
use weft_channel::{Addressees, WebhookCall, inbound::read};

use super::wire::{Entry, Webhook};

/// Whom a call to an app's one address is for: each entry names its account.
pub fn addressees(call: &WebhookCall) -> Addressees {
    if call.method == Method::GET {
        return Addressees::Anybody;
    }
    let entries = call.json::<Webhook>().map(|webhook| webhook.entry).unwrap_or_default();
    Addressees::Called(
        entries.iter().filter_map(|raw| read::<Entry>(raw).ok()).map(|entry| entry.id).collect(),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use http::HeaderMap;
    use serde_json::{Value, json};

    use super::*;

    fn of(method: Method, body: &Value) -> Addressees {
        let (path_rest, query) = (String::new(), String::new());
        let body = body.to_string().into();
        let received_at = chrono::DateTime::UNIX_EPOCH;
        addressees(&WebhookCall { method, path_rest, query, headers: HeaderMap::new(), body, received_at })
    }

    #[test]
    fn each_entry_names_its_account() {
        let body = json!({"object": "page", "entry": [
            {"id": "1", "messaging": []}, {"id": "2", "changes": []}, "odd", {"id": "1", "standby": []},
        ]});
        let expected = ["1", "2"].map(str::to_owned);
        assert_eq!(of(Method::POST, &body), Addressees::Called(BTreeSet::from(expected)));
        assert_eq!(of(Method::POST, &json!([])), Addressees::Called(BTreeSet::new()));
        assert_eq!(of(Method::GET, &json!(null)), Addressees::Anybody);
    }
}
