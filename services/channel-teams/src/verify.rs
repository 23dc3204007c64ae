use std::time::Duration;

use http::header;
use weft_auth::{Expected, TokenFault};
use weft_channel::{VerifyError, WebhookCall};

use crate::{
    Account,
    wire::{Claims, Head},
};

/// How far clocks may differ, by Microsoft's own words.
const LEEWAY: Duration = Duration::from_mins(5);

/// Checks that the Bot Framework signed a token for this bot, and for answers to where this activity wants them.
///
/// The body is not signed: without the last, whoever got hold of a token could have us answer, with ours, anywhere.
pub(crate) fn verify(account: &Account, call: &WebhookCall) -> Result<(), VerifyError> {
    let given = call.headers.get(header::AUTHORIZATION).ok_or(VerifyError::Missing)?;
    let token =
        given.to_str().ok().and_then(|text| text.strip_prefix("Bearer ")).ok_or(VerifyError::Wrong)?;
    let expected = Expected {
        issuer: &account.issuer,
        audience: &account.app_id,
        now: call.received_at,
        leeway: LEEWAY,
    };
    let verified = account.keys.verify::<Claims>(token, &expected).map_err(|fault| match fault {
        TokenFault::UnknownKey => VerifyError::UnknownKey,
        TokenFault::OutOfDate => VerifyError::Stale,
        TokenFault::Invalid => VerifyError::Wrong,
    })?;
    let head: Head = call.json().map_err(|_| VerifyError::Wrong)?;
    let same = |url: &str| url.trim_end_matches('/').to_owned();
    let is_endorsed = verified.endorsements.is_none_or(|endorsed| endorsed.contains(&head.channel_id));
    if same(&verified.claims.serviceurl) == same(&head.service_url) && is_endorsed {
        Ok(())
    } else {
        Err(VerifyError::Wrong)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use http::{HeaderMap, Method};
    use serde_json::{Value, json};
    use weft_auth::{PublishedKeys, RsaSigner};
    use weft_channel::{AccountSettings as _, read_account};

    use super::*;

    const APP: &str = "00000000-0000-4000-8000-0000000000bb";

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_225_600, 0).unwrap()
    }

    fn claims() -> Value {
        let at = now().timestamp();
        let service = "https://smba.trafficmanager.net/emea/";
        json!({"iss": "https://api.botframework.com", "aud": APP, "nbf": at, "exp": at + 3600, "serviceurl": service})
    }

    fn account(signer: &RsaSigner, endorsements: Value) -> Account {
        let (settings, secrets) = (json!({"app_id": APP}), json!({"app_secret": "secret-of-the-example"}));
        let read = read_account(settings.as_object().unwrap(), secrets.as_object().unwrap());
        let (mut account, keys): (Account, _) = (read.unwrap(), PublishedKeys::default());
        let mut key = signer.public();
        key["endorsements"] = endorsements;
        assert!(keys.replace(json!({"keys": [key]}).to_string().as_bytes()));
        account.keys_are(keys);
        account
    }

    fn call(authorization: &str, body: &Value) -> WebhookCall {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
        WebhookCall {
            method: Method::POST,
            path_rest: String::new(),
            query: String::new(),
            headers,
            body: body.to_string().into(),
            received_at: now(),
        }
    }

    fn activity(service: &str) -> Value {
        json!({"type": "message", "serviceUrl": service, "channelId": "msteams"})
    }

    #[test]
    fn a_token_is_for_this_bot_and_for_this_place() {
        let signer = RsaSigner::generate("k1").unwrap();
        let account = account(&signer, json!(["msteams", "webchat"]));
        let check = |claims: &Value, body: &Value| {
            verify(&account, &call(&format!("Bearer {}", signer.sign(claims).unwrap()), body))
        };
        let with = |name: &str, value: Value| {
            let mut all = claims();
            all[name] = value;
            all
        };
        let here = activity("https://smba.trafficmanager.net/emea/");
        assert_eq!(check(&claims(), &here), Ok(()));
        assert_eq!(check(&claims(), &activity("https://smba.trafficmanager.net/emea")), Ok(()));

        let elsewhere = activity("https://evil.example/emea/");
        assert_eq!(check(&claims(), &elsewhere), Err(VerifyError::Wrong));
        assert_eq!(
            check(&with("serviceurl", json!("https://evil.example/")), &here),
            Err(VerifyError::Wrong)
        );
        assert_eq!(check(&with("serviceurl", json!(null)), &here), Err(VerifyError::Wrong));
        assert_eq!(check(&with("aud", json!("another")), &here), Err(VerifyError::Wrong));
        assert_eq!(check(&with("iss", json!("https://sts.windows.net/x/")), &here), Err(VerifyError::Wrong));
        assert_eq!(check(&claims(), &json!({"channelId": "msteams"})), Err(VerifyError::Wrong));
        let other_channel =
            json!({"serviceUrl": "https://smba.trafficmanager.net/emea/", "channelId": "sms"});
        assert_eq!(check(&claims(), &other_channel), Err(VerifyError::Wrong));
        let stranger = RsaSigner::generate("k2").unwrap();
        let unknown = call(&format!("Bearer {}", stranger.sign(&claims()).unwrap()), &here);
        assert_eq!(verify(&account, &unknown), Err(VerifyError::UnknownKey));
        let bare = call(&signer.sign(&claims()).unwrap(), &here);
        assert_eq!(verify(&account, &bare), Err(VerifyError::Wrong));
    }

    #[test]
    fn a_token_holds_for_its_time_and_five_minutes() {
        let signer = RsaSigner::generate("k1").unwrap();
        let account = account(&signer, json!(null));
        let token = format!("Bearer {}", signer.sign(&claims()).unwrap());
        let at = |seconds: i64| {
            let here = call(&token, &activity("https://smba.trafficmanager.net/emea/"));
            verify(&account, &WebhookCall { received_at: now() + TimeDelta::seconds(seconds), ..here })
        };
        for (seconds, outcome) in
            [(3899, Ok(())), (3900, Err(VerifyError::Stale)), (-300, Ok(())), (-301, Err(VerifyError::Stale))]
        {
            assert_eq!(at(seconds), outcome, "{seconds}");
        }
    }
}
