use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{DefaultBodyLimit, FromRequest as _, Multipart, Path, RawQuery, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};

use super::{
    FaultKind, Simulator, control,
    faults::page,
    media, messages,
    refusal::{Answer, Refusal, respond},
    subscribe, templates,
};

/// A document of 100 MB and what surrounds it.
const MAX_BODY: usize = 110 * 1024 * 1024;

#[derive(Clone)]
struct Graph {
    simulator: Simulator,
    /// Where it is reached itself.
    base: String,
}

/// The Graph API under `/v…/`, the files under `/files/`, and our own control under `/simulator/`.
pub(super) fn router(simulator: &Simulator, base: String) -> Router {
    let graph = Graph { simulator: simulator.clone(), base };
    let api = Router::new()
        .route("/{version}/{node}", get(node).delete(delete))
        .route("/{version}/{node}/{edge}", get(listed).post(edge))
        .route("/files/{media}", get(file))
        .with_state(graph);
    api.merge(control::router().with_state(simulator.clone()))
        .fallback(async || Refusal::parameter("Unknown path components"))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

async fn node(
    State(graph): State<Graph>,
    Path((_version, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let simulator = &graph.simulator;
    guarded(simulator, "node", &headers, async || {
        let settings = &simulator.settings;
        if id == settings.phone_number_id {
            return Ok(json!({
                "id": id,
                "display_phone_number": format!("+{}", settings.number),
                "verified_name": settings.name,
                "quality_rating": "GREEN",
            }));
        }
        media::address(simulator, &id, &graph.base)
    })
    .await
}

async fn listed(
    State(graph): State<Graph>,
    Path((_version, id, edge)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let simulator = &graph.simulator;
    guarded(simulator, &edge, &headers, async || match edge.as_str() {
        "message_templates" if id == simulator.settings.waba_id => {
            templates::list(simulator, query.as_deref().unwrap_or_default())
        }
        _ => Err(Refusal::no_such_object(&id)),
    })
    .await
}

async fn delete(
    State(graph): State<Graph>,
    Path((_version, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let simulator = &graph.simulator;
    guarded(simulator, "node", &headers, async || {
        match simulator.world.change(|state| state.media.remove(&id)) {
            Some(_) => Ok(json!({"success": true})),
            None => Err(Refusal::no_such_object(&id)),
        }
    })
    .await
}

async fn edge(
    State(graph): State<Graph>,
    Path((_version, id, edge)): Path<(String, String, String)>,
    request: Request<Body>,
) -> Response {
    let simulator = &graph.simulator;
    let settings = &simulator.settings;
    let headers = request.headers().clone();
    guarded(simulator, &edge, &headers, async || match edge.as_str() {
        "messages" if id == settings.phone_number_id => messages::send(simulator, &body(request).await?),
        "media" if id == settings.phone_number_id => {
            let form = Multipart::from_request(request, &()).await;
            media::upload(simulator, form.map_err(|_| Refusal::parameter("The form cannot be read"))?).await
        }
        "subscribed_apps" if id == settings.waba_id => {
            subscribe::subscribe(simulator, &body(request).await?).await
        }
        _ => Err(Refusal::no_such_object(&id)),
    })
    .await
}

async fn body(request: Request<Body>) -> Result<Value, Refusal> {
    let bytes = to_bytes(request.into_body(), MAX_BODY).await.map_err(|_| Refusal::too_large())?;
    serde_json::from_slice(&bytes).map_err(|_| Refusal::parameter("The body is not JSON"))
}

async fn file(
    State(graph): State<Graph>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if !graph.simulator.is_authorized(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match media::bytes(&graph.simulator, &id, query.as_deref().unwrap_or_default()) {
        Some((mime, bytes)) => ([(header::CONTENT_TYPE, mime)], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Handles a call of whoever knows the token, unless a fault was ordered.
async fn guarded(
    simulator: &Simulator,
    edge: &str,
    headers: &HeaderMap,
    handle: impl AsyncFnOnce() -> Answer,
) -> Response {
    if !simulator.is_authorized(headers) {
        return Refusal::unauthorized().into_response();
    }
    let fault = simulator.draw_fault(edge);
    if let Some(response) = fault.and_then(FaultKind::before) {
        return response;
    }
    let answer = handle().await;
    if fault == Some(FaultKind::LostAnswer) { page(StatusCode::GATEWAY_TIMEOUT) } else { respond(answer) }
}

impl Simulator {
    fn is_authorized(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        given.and_then(|value| value.strip_prefix("Bearer ")) == Some(&self.settings.access_token)
    }
}
