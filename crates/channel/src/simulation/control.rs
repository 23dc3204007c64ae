//! What every simulator has under `/simulator/`, to be controlled by any program.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
    routing::{MethodRouter, delete, get, post},
};
use http::StatusCode;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use weft_domain::Result;

/// Shows something.
pub fn shows<S, T>(show: fn(&S) -> T) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
    T: Serialize + 'static,
{
    get(async move |State(simulator): State<S>| Json(show(&simulator)))
}

/// Takes something.
pub fn takes<S, T>(take: fn(&S, T)) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
    T: DeserializeOwned + Send + 'static,
{
    post(async move |State(simulator): State<S>, Json(given): Json<T>| {
        take(&simulator, given);
        StatusCode::NO_CONTENT
    })
}

/// Clears something.
pub fn clears<S>(clear: fn(&S)) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    delete(async move |State(simulator): State<S>| {
        clear(&simulator);
        StatusCode::NO_CONTENT
    })
}

/// Lets somebody do something: who, is in the path. What that gives is answered under this name.
pub fn lets<S, W, T, I>(name: &'static str, act: fn(&S, W, T) -> Result<I>) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
    W: DeserializeOwned + Send + 'static,
    T: DeserializeOwned + Send + 'static,
    I: Serialize + 'static,
{
    post(async move |State(simulator): State<S>, Path(who): Path<W>, Json(what): Json<T>| -> Response {
        match act(&simulator, who, what) {
            Ok(id) => (StatusCode::CREATED, Json(json!({name: id}))).into_response(),
            Err(error) => (StatusCode::BAD_REQUEST, Json(json!({"error": error.message()}))).into_response(),
        }
    })
}
