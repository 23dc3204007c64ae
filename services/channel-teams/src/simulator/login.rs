use std::collections::BTreeMap;

use axum::{
    Form, Json, Router,
    extract::{Path, State as Shared},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::StatusCode;
use serde_json::{Value, json};

use super::{APP_ID, APP_SECRET, Simulator};

pub(super) const ISSUER: &str = "https://api.botframework.com";

/// Where tokens are given, and where the keys are published that calls are signed with.
pub(super) fn router() -> Router<Simulator> {
    Router::new()
        .route("/.well-known/openidconfiguration", get(metadata))
        .route("/keys", get(keys))
        .route("/{place}/oauth2/v2.0/token", post(token))
}

async fn metadata(Shared(simulator): Shared<Simulator>) -> Json<Value> {
    let base = simulator.world.lock().base.clone();
    Json(json!({
        "issuer": ISSUER,
        "jwks_uri": format!("{base}/keys"),
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

async fn keys(Shared(simulator): Shared<Simulator>) -> Json<Value> {
    let endorsed = |mut key: Value| {
        let fields = key.as_object_mut();
        fields.into_iter().for_each(|all| drop(all.insert("endorsements".to_owned(), json!(["msteams"]))));
        key
    };
    let keys: Vec<Value> = simulator.world.lock().keys.iter().map(|key| endorsed(key.public())).collect();
    Json(json!({"keys": keys}))
}

async fn token(
    Shared(simulator): Shared<Simulator>,
    Path(_tenant): Path<String>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Response {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let refused = |status: StatusCode, error: &str| (status, Json(json!({"error": error}))).into_response();
    if field("grant_type") != "client_credentials" || field("scope") != format!("{ISSUER}/.default") {
        return refused(StatusCode::BAD_REQUEST, "invalid_request");
    }
    if field("client_id") != APP_ID {
        return refused(StatusCode::BAD_REQUEST, "unauthorized_client");
    }
    if field("client_secret") != APP_SECRET {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let mut state = simulator.world.lock();
    let token = format!("simulated-token-{}", state.next_id());
    state.tokens.insert(token.clone());
    Json(json!({"token_type": "Bearer", "expires_in": 3599, "access_token": token})).into_response()
}
