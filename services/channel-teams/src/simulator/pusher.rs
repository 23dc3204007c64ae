use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use weft_auth::RsaSigner;
use weft_domain::Result;
use weft_http::Request;

use super::{APP_ID, Simulator, login::ISSUER, state::State};

const TIMEOUT: Duration = Duration::from_secs(15);
const LIFE_SECONDS: i64 = 3600;
/// The JOSE header and the claims of a token that nobody signed, in base64: `{"alg":"none","kid":"simulated-1"}`.
const UNSIGNED_HEADER: &str = "eyJhbGciOiJub25lIiwia2lkIjoic2ltdWxhdGVkLTEifQ";

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forgery {
    /// It ran out long ago.
    Expired,
    /// It is for another bot.
    WrongAudience,
    /// Somebody else gave it.
    WrongIssuer,
    /// Its key is not published.
    UnknownKey,
    /// It says that it needs no signature.
    Unsigned,
    /// It is for answers somewhere else.
    OtherService,
    /// There is none.
    Missing,
}

/// Delivers what happens, in its order. What is not taken is not delivered again.
pub(super) async fn run(simulator: &Simulator) {
    loop {
        let next = |state: &mut State| if state.webhook.is_some() { state.pushes.pop_front() } else { None };
        let activity = simulator.world.wait(next).await;
        let signed = signed(simulator, &claims(&activity));
        if let Ok(token) = signed {
            post(simulator, &activity, Some(token)).await;
        }
    }
}

pub(super) async fn push_forged(simulator: &Simulator, activity: &Value, forgery: Forgery) -> Option<u16> {
    let with = |name: &str, value: Value| {
        let mut all = claims(activity);
        if let Some(fields) = all.as_object_mut() {
            fields.insert(name.to_owned(), value);
        }
        all
    };
    let token = match forgery {
        Forgery::Expired => signed(simulator, &with("exp", 1.into())),
        Forgery::WrongAudience => signed(simulator, &with("aud", json!("another-bot"))),
        Forgery::WrongIssuer => signed(simulator, &with("iss", json!("https://sts.windows.net/another/"))),
        Forgery::OtherService => signed(simulator, &with("serviceurl", json!("https://evil.example/"))),
        Forgery::UnknownKey => RsaSigner::generate("unpublished").and_then(|key| key.sign(&claims(activity))),
        Forgery::Unsigned => signed(simulator, &claims(activity)).map(|token| {
            let claims = token.split('.').nth(1).unwrap_or_default();
            format!("{UNSIGNED_HEADER}.{claims}.")
        }),
        Forgery::Missing => return post(simulator, activity, None).await,
    };
    post(simulator, activity, token.ok()).await
}

fn claims(activity: &Value) -> Value {
    let now = chrono::Utc::now().timestamp();
    let service = activity.get("serviceUrl").cloned().unwrap_or_default();
    json!({"iss": ISSUER, "aud": APP_ID, "nbf": now, "exp": now + LIFE_SECONDS, "serviceurl": service})
}

fn signed(simulator: &Simulator, claims: &Value) -> Result<String> {
    let state = simulator.world.lock();
    let key = state.keys.last().ok_or_else(|| weft_domain::Error::internal("there is always a key"))?;
    key.sign(claims)
}

async fn post(simulator: &Simulator, activity: &Value, token: Option<String>) -> Option<u16> {
    let url = simulator.world.lock().webhook.clone()?;
    let mut request = Request::post(url.as_str()).json(activity).timeout(TIMEOUT);
    if let Some(token) = token {
        request = request.bearer(&token);
    }
    let answer = simulator.client.send(request).await.ok()?;
    Some(answer.status.as_u16())
}
