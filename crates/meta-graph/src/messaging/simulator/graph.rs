use std::collections::BTreeMap;

use axum::{
    Form, Router,
    body::{Body, to_bytes},
    extract::{DefaultBodyLimit, FromRequest as _, Multipart, Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};

use super::{
    FaultKind, Simulator, control,
    faults::page,
    messages,
    refusal::{Answer, Refusal, respond},
    subscribe,
};

/// A file of 25 MB and what surrounds it.
const MAX_BODY: usize = 30 * 1024 * 1024;

/// The graph under `/v…/`, the files under `/files/`, and our own control under `/simulator/`.
pub(super) fn router(simulator: &Simulator) -> Router {
    Router::new()
        .route("/{version}/{node}", get(node))
        .route("/{version}/{node}/{edge}", post(edge))
        .route("/files/{*id}", get(file))
        .merge(control::router())
        .fallback(async || Refusal::parameter("Unknown path components"))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(simulator.clone())
}

async fn node(
    State(simulator): State<Simulator>,
    Path((_version, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let settings = &simulator.settings;
    guarded(&simulator, "node", &headers, &settings.access_token, async || {
        if id == "me" || id == settings.node {
            return Ok(json!({
                "id": settings.node,
                "user_id": settings.account,
                "name": settings.name,
                "username": "acme_support",
            }));
        }
        let state = simulator.world.lock();
        let customer = state.customers.get(&id).ok_or_else(|| Refusal::no_such_object(&id))?;
        Ok(json!({"id": id, "name": customer.name, "first_name": customer.name}))
    })
    .await
}

async fn edge(
    State(simulator): State<Simulator>,
    Path((_version, id, edge)): Path<(String, String, String)>,
    request: Request<Body>,
) -> Response {
    let settings = &simulator.settings;
    let headers = request.headers().clone();
    let is_own = id == "me" || id == settings.node;
    let token = match edge.as_str() {
        "subscriptions" => format!("{}|{}", settings.app_id, settings.app_secret),
        _ => settings.access_token.clone(),
    };
    guarded(&simulator, &edge, &headers, &token, async || match edge.as_str() {
        "subscriptions" if id == settings.app_id => {
            let form = Form::<BTreeMap<String, String>>::from_request(request, &()).await;
            let Form(form) = form.map_err(|_| Refusal::parameter("The form cannot be read"))?;
            subscribe::set_callback(&simulator, &form).await
        }
        "subscribed_apps" if is_own => {
            let fields = request.uri().query().unwrap_or_default().contains("subscribed_fields=");
            if !fields {
                return Err(Refusal::parameter("The parameter subscribed_fields is required."));
            }
            simulator.world.change(|state| state.subscribed = true);
            Ok(json!({"success": true}))
        }
        "messages" if is_own && is_form(&headers) => {
            let form = Multipart::from_request(request, &()).await;
            let form = form.map_err(|_| Refusal::parameter("The form cannot be read"))?;
            let (body, file) = messages::read_form(form).await?;
            messages::send(&simulator, &body, file)
        }
        "messages" if is_own => messages::send(&simulator, &body(request).await?, None),
        "messenger_profile" if is_own => {
            let profile = body(request).await?;
            messages::set_profile(&simulator, profile)
        }
        _ => Err(Refusal::no_such_object(&id)),
    })
    .await
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("multipart/form-data"))
}

async fn body(request: Request<Body>) -> Result<Value, Refusal> {
    let bytes = to_bytes(request.into_body(), MAX_BODY).await;
    let bytes = bytes.map_err(|_| Refusal::parameter("The body is too large"))?;
    serde_json::from_slice(&bytes).map_err(|_| Refusal::parameter("The body is not JSON"))
}

async fn file(State(simulator): State<Simulator>, Path(id): Path<String>) -> Response {
    match simulator.file(&id) {
        Some((mime, bytes)) => ([(header::CONTENT_TYPE, mime)], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Handles a call of whoever knows the token, unless a fault was ordered.
async fn guarded(
    simulator: &Simulator,
    edge: &str,
    headers: &HeaderMap,
    token: &str,
    handle: impl AsyncFnOnce() -> Answer,
) -> Response {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given.and_then(|value| value.strip_prefix("Bearer ")) != Some(token) {
        return Refusal::unauthorized().into_response();
    }
    let fault = simulator.draw_fault(edge);
    if let Some(response) = fault.and_then(FaultKind::before) {
        return response;
    }
    let answer = handle().await;
    if fault == Some(FaultKind::LostAnswer) { page(StatusCode::GATEWAY_TIMEOUT) } else { respond(answer) }
}
