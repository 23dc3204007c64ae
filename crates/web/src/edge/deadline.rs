use std::sync::Arc;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use weft_domain::{Error, ErrorCode};

use crate::{Edge, Problem};

/// Gives a handler up that has no answer in time. The answer's body may take longer.
pub(super) async fn within_deadline(State(edge): State<Arc<Edge>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let own = route.and_then(|template| edge.route_deadlines.get(template)).copied();
    let answer = tokio::time::timeout(own.unwrap_or(edge.deadline), next.run(request)).await;
    answer.unwrap_or_else(|_elapsed| {
        let error =
            Error::new(ErrorCode::Timeout, "deadline_exceeded", "it took too long, and may have happened");
        Problem::from(error).into_response()
    })
}
