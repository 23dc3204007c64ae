use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
    routing::post,
};
use http::StatusCode;
use serde_json::json;
use weft_channel::simulation::control;

use super::{Plan, Simulator};

/// Our own control of the simulator.
pub(super) fn router() -> Router<Simulator> {
    Router::new()
        .route("/simulator/callers/{number}/call", post(call))
        .route("/simulator/calls", control::shows(Simulator::spoken))
}

async fn call(
    State(simulator): State<Simulator>,
    Path(number): Path<String>,
    Json(plan): Json<Plan>,
) -> Response {
    match simulator.call(&number, plan).await {
        Ok(heard) => (StatusCode::CREATED, Json(json!({"heard": heard}))).into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, Json(json!({"error": error.to_string()}))).into_response(),
    }
}
