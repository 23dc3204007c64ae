use std::{
    task::{Context, Poll},
    time::Duration,
};

use http::{Extensions, Request, Response, header::AUTHORIZATION};
use tonic::{
    Status,
    body::Body,
    transport::server::{TcpConnectInfo, TlsConnectInfo},
};
use tower::{Layer, Service};
use tracing::Instrument;
use weft_auth::Authority;
use weft_domain::{Error, Result};
use weft_proto::operation;

use crate::{Caller, metering, status, tls};

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

    fn check(&self, path: &str, headers: &http::HeaderMap, extensions: &Extensions) -> Result<Caller> {
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
            let service = self.authority.verify_service(token)?;
            check_certificate(&service, extensions)?;
            return Ok(Caller::Service(service));
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

/// Over TLS, whoever says to be a service shows its certificate: the fleet's secret alone does not make a directory.
fn check_certificate(service: &str, extensions: &Extensions) -> Result<()> {
    let Some(connection) = extensions.get::<TlsConnectInfo<TcpConnectInfo>>() else { return Ok(()) };
    let certificates = connection.peer_certs().unwrap_or_default();
    if certificates.first().is_some_and(|own| tls::names(own, service)) {
        return Ok(());
    }
    Err(Error::unauthenticated(
        "not_of_the_fleet",
        "the certificate of this connection is not the calling service's",
    ))
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
        let mut measured = metering::Call::begin(&path);
        match self.guard.check(&path, request.headers(), request.extensions()) {
            Ok(caller) => {
                if let Caller::Principal(principal) = &caller {
                    span.record("tenant.id", tracing::field::display(principal.tenant));
                }
                request.extensions_mut().insert(caller);
                request.extensions_mut().insert(Path(path));
                // The clone is the one that was polled ready.
                let next = self.inner.clone();
                let mut ready = std::mem::replace(&mut self.inner, next);
                // The caller's own deadline is kept by the server around us.
                let patience = if request.headers().contains_key(TIMEOUT) { None } else { Some(DEADLINE) };
                let answer = async move {
                    let call = ready.call(request);
                    let answered = match patience {
                        None => call.await,
                        Some(patience) => match tokio::time::timeout(patience, call).await {
                            Ok(answer) => answer,
                            Err(_) => Ok(Status::deadline_exceeded("the call took too long").into_http()),
                        },
                    };
                    if let Ok(answer) = &answered {
                        measured.ended(answer.headers());
                    }
                    answered
                };
                Box::pin(answer.instrument(span))
            }
            Err(error) => {
                metering::refused(error.reason());
                let refused: Status = span.in_scope(|| status(error));
                let answer = refused.into_http();
                measured.ended(answer.headers());
                Box::pin(std::future::ready(Ok(answer)))
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
        let telemetry = weft_telemetry::init_for_test();
        assert_eq!(status(call(None).await.unwrap()), Some(tonic::Code::DeadlineExceeded));
        let text = telemetry.render_metrics();
        let counted = "weft_rpc_requests_total{method=\"other\",code=\"deadline_exceeded\"} 1";
        assert!(text.contains(counted), "what a caller may invent has no name: {text}");
        assert_eq!(status(call(Some("120S")).await.unwrap()), None);
    }
}
