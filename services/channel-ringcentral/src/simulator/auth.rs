use axum::{
    Form, Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::json;

use super::{CLIENT_ID, CLIENT_SECRET, EXTENSION, JWT, Simulator, refusal::Refusal};

#[derive(Deserialize)]
pub(super) struct Grant {
    grant_type: String,
    assertion: Option<String>,
}

/// Gives a token for the JWT.
pub(super) async fn token(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Form(grant): Form<Grant>,
) -> Response {
    let pair = STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}"));
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given != Some(&format!("Basic {pair}")) {
        return Refusal::new(StatusCode::UNAUTHORIZED, "OAU-146").into_response();
    }
    if grant.grant_type != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
        return Refusal::new(StatusCode::FORBIDDEN, "OAU-112").into_response();
    }
    if grant.assertion.as_deref() != Some(JWT) {
        return Refusal::bad_request("OAU-140", "assertion").into_response();
    }
    let token = simulator.world.change(|state| {
        state.tokens_given += 1;
        let token = format!("simulated-access-token-{}", state.tokens_given);
        state.tokens.insert(token.clone());
        token
    });
    Json(json!({
        "access_token": token, "token_type": "bearer", "expires_in": 3600, "owner_id": EXTENSION,
        "scope": "ReadMessages ReadCallLog SMS RingOut SubscriptionWebhook", "endpoint_id": "ep-1",
    }))
    .into_response()
}
