use weft_channel::{Addressees, WebhookCall};

use crate::{account::address, wire::Head};

/// Whom a call to the app's one address is for: the bot that it was said to, or the account of that bot for the organisation
/// it was said in.
pub(crate) fn addressees(call: &WebhookCall) -> Addressees {
    let head: Option<Head> = call.json().ok();
    let called = head.and_then(|head| {
        let app = head.recipient.as_ref()?.app()?.to_lowercase();
        let of_tenant = head.tenant().map(|tenant| address(&app, tenant));
        Some(of_tenant.into_iter().chain([app]).collect())
    });
    Addressees::Called(called.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};
    use serde_json::{Value, json};

    use super::*;

    fn of(body: &Value) -> Addressees {
        let (path_rest, query) = (String::new(), String::new());
        let (body, received_at) = (body.to_string().into(), chrono::DateTime::UNIX_EPOCH);
        let headers = HeaderMap::new();
        addressees(&WebhookCall { method: Method::POST, path_rest, query, headers, body, received_at })
    }

    #[test]
    fn an_activity_names_the_bot_and_the_organisation() {
        let called = |all: &[&str]| Addressees::Called(all.iter().map(|id| (*id).to_owned()).collect());
        let body = |recipient: &str| json!({"recipient": {"id": recipient}, "channelData": {"tenant": {"id": "AA"}}, "serviceUrl": "x"});
        assert_eq!(of(&body("28:BB")), called(&["bb", "bb/aa"]));
        assert_eq!(of(&json!({"recipient": {"id": "28:bb"}, "serviceUrl": "x"})), called(&["bb"]));
        assert_eq!(of(&body("29:person")), called(&[]));
        assert_eq!(of(&json!([])), called(&[]));
    }
}
