use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Path, State},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use http::{Request, StatusCode, header};

use super::{
    CallRecord, FaultKind, Simulator,
    answer::{Refusal, respond},
    control, methods,
    parameters::Parameters,
    server::DropConnection,
};

/// More than the largest file that is taken.
const MAX_BODY: usize = 60_000_000;

/// The Bot API under `/bot<token>/` and `/file/bot<token>/`, and our own control under `/simulator/`.
pub(super) fn router(simulator: &Simulator) -> Router {
    Router::new()
        .route("/file/{bot}/{*path}", get(download))
        .route("/{bot}/{method}", any(call))
        .merge(control::router())
        .fallback(async || Refusal::not_found())
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(simulator.clone())
}

async fn call(
    State(simulator): State<Simulator>,
    Path((bot, method)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    if !simulator.is_token(&bot) {
        return Refusal::unauthorized().into_response();
    }
    let fault = simulator.record(&method);
    if let Some(response) = before(fault).await {
        return response;
    }
    let answer = match Parameters::read(request).await {
        Ok(parameters) => methods::handle(&simulator, &method, parameters).await,
        Err(refusal) => Err(refusal),
    };
    if fault == Some(FaultKind::DropAfter) {
        return dropped();
    }
    respond(answer)
}

async fn download(State(simulator): State<Simulator>, Path((bot, path)): Path<(String, String)>) -> Response {
    if !simulator.is_token(&bot) {
        return Refusal::unauthorized().into_response();
    }
    let fault = simulator.record("file");
    if let Some(response) = before(fault).await {
        return response;
    }
    if fault == Some(FaultKind::DropAfter) {
        return dropped();
    }
    let file = simulator.world.lock().files.by_path(&path).cloned();
    match file {
        Some(file) => ([(header::CONTENT_TYPE, "application/octet-stream")], file.bytes).into_response(),
        None => Refusal::not_found().into_response(),
    }
}

/// What a fault answers instead of the method.
async fn before(fault: Option<FaultKind>) -> Option<Response> {
    match fault? {
        FaultKind::RateLimited { retry_after } => {
            Some(Refusal::too_many_requests(retry_after).into_response())
        }
        FaultKind::ServerError => Some(Refusal::server_error().into_response()),
        FaultKind::GatewayPage => {
            let page = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>";
            Some((StatusCode::BAD_GATEWAY, [(header::CONTENT_TYPE, "text/html")], page).into_response())
        }
        FaultKind::Hang => std::future::pending().await,
        FaultKind::DropBefore => Some(dropped()),
        FaultKind::DropAfter => None,
    }
}

fn dropped() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(DropConnection);
    response
}

impl Simulator {
    fn is_token(&self, bot: &str) -> bool {
        bot.strip_prefix("bot") == Some(&self.settings.token)
    }

    fn record(&self, method: &str) -> Option<FaultKind> {
        let fault = self.draw_fault(method);
        let record = CallRecord { method: method.to_owned(), fault: fault.map(|kind| format!("{kind:?}")) };
        self.world.change(|state| state.calls.push(record));
        fault
    }
}
