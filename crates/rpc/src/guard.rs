use std::{
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response, header::AUTHORIZATION};
use tonic::{Status, body::Body};
use tower::{Layer, Service};
use tracing::Instrument;
use weft_auth::Authority;
use weft_domain::{Error, Result};
use weft_proto::operation;

use crate::{Caller, status};

/// The header a service proves its identity with.
pub(crate) const FLEET_TOKEN: &str = "x-weft-fleet-token";
/// The longest a call may take when its caller sets no deadline (LD-2).
const DEADLINE: Duration = Duration::from_secs(30);
const TIMEOUT: &str = "grpc-timeout";
const HEALTH: &str = "/grpc.health.v1.Health/";

/// The check in front of every method: finds its policy, verifies the caller, denies by default.
#[derive(Clone)]
pub struct Guard {
    authority: Authority,
}

impl Guard {
    /// A guard that asks this authority.
    pub fn new(authority: Authority) -> Self {
        Self { authority }
    }

    fn check(&self, path: &str, headers: &http::HeaderMap) -> Result<Caller> {
        let Some(operation) = operation::find(path) else {
            return if path.starts_with(HEALTH) {
                Ok(Caller::Nobody)
            } else {
                Err(Error::not_found("method"))
            };
        };
        let policy = &operation.policy;
        if policy.public {
            return Ok(Caller::Nobody);
        }
        if policy.service {
            let token = headers.get(FLEET_TOKEN).and_then(|value| value.to_str().ok()).unwrap_or_default();
            return self.authority.verify_service(token).map(Caller::Service);
        }
        let token = bearer(headers).ok_or_else(|| {
            Error::unauthenticated(
                "missing_token",
                "send an access token or an API token as `Authorization: Bearer …`",
            )
        })?;
        let principal = self.authority.verify(token)?;
        // A policy without any of the three ways lets nobody in: an empty permission is held by no role.
        principal.require(&policy.permission)?;
        Ok(Caller::Principal(principal))
    }
}

fn bearer(headers: &http::HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The path of the method that is called.
#[derive(Clone, Debug)]
pub(crate) struct Path(pub(crate) String);

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { guard: self.clone(), inner }
    }
}

/// A server behind the guard.
#[derive(Clone)]
pub struct Guarded<S> {
    guard: Guard,
    inner: S,
}

impl<S> Service<Request<Body>> for Guarded<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let path = request.uri().path().to_owned();
        let span = weft_telemetry::span::grpc_server(&path, request.headers());
        match self.guard.check(&path, request.headers()) {
            Ok(caller) => {
                request.extensions_mut().insert(caller);
                request.extensions_mut().insert(Path(path));
                // The clone is the one that was polled ready.
                let next = self.inner.clone();
                let mut ready = std::mem::replace(&mut self.inner, next);
                // The caller's own deadline is kept by the server around us.
                let patience = if request.headers().contains_key(TIMEOUT) { None } else { Some(DEADLINE) };
                let answer = async move {
                    let call = ready.call(request);
                    let Some(patience) = patience else { return call.await };
                    match tokio::time::timeout(patience, call).await {
                        Ok(answer) => answer,
                        Err(_) => Ok(Status::deadline_exceeded("the call took too long").into_http()),
                    }
                };
                Box::pin(answer.instrument(span))
            }
            Err(error) => {
                metrics::counter!("weft_rpc_refused_total", "reason" => error.reason().to_owned())
                    .increment(1);
                let refused: Status = span.in_scope(|| status(error));
                Box::pin(std::future::ready(Ok(refused.into_http())))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, sync::Arc};

    use tower::{ServiceExt, service_fn};
    use weft_auth::FleetIdentity;
    use weft_domain::SystemClock;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_call_without_a_deadline_gets_one_and_a_caller_who_sets_one_keeps_it() {
        let identity = FleetIdentity::new("test", &"x".repeat(32).into()).unwrap();
        let guard = Guard::new(Authority::new(identity, Arc::new(SystemClock)));
        let server = guard.layer(service_fn(|_: Request<Body>| async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok::<_, Infallible>(Response::new(Body::empty()))
        }));
        let call = |timeout: Option<&str>| {
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = http::Uri::from_static("/grpc.health.v1.Health/Check");
            if let Some(timeout) = timeout {
                request.headers_mut().insert(TIMEOUT, timeout.parse().unwrap());
            }
            server.clone().oneshot(request)
        };
        let status = |answer: Response<Body>| Status::from_header_map(answer.headers()).map(|one| one.code());
        assert_eq!(status(call(None).await.unwrap()), Some(tonic::Code::DeadlineExceeded));
        assert_eq!(status(call(Some("120S")).await.unwrap()), None);
    }
}
