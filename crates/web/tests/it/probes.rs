use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use http::StatusCode;
use serde_json::json;
use weft_runtime::{Need, Readiness};
use weft_web::{local_only, probes};

use crate::support::{call, get, json_of};

#[tokio::test]
async fn liveness_ignores_what_readiness_waits_for() {
    let readiness = Readiness::new();
    let store = readiness.check("store", Need::Required);
    readiness.started();
    let routes = probes(readiness.clone(), || "weft_up 1\n".to_owned());

    assert_eq!(call(routes.clone(), get("/healthz")).await.status(), StatusCode::OK);
    let starting = call(routes.clone(), get("/readyz")).await;
    assert_eq!(starting.status(), StatusCode::SERVICE_UNAVAILABLE);

    store.up();
    let ready = call(routes.clone(), get("/readyz")).await;
    assert_eq!(ready.status(), StatusCode::OK);
    let expected = json!({ "state": "ready", "checks": [{ "name": "store", "required": true, "up": true }] });
    assert_eq!(json_of(ready).await, expected);

    store.down("password is hunter2");
    let unready = call(routes.clone(), get("/readyz")).await;
    assert_eq!(unready.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(!json_of(unready).await.to_string().contains("hunter2"));
    assert_eq!(call(routes, get("/healthz")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn metrics_are_text() {
    let response = call(probes(Readiness::new(), || "weft_up 1\n".to_owned()), get("/metrics")).await;
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    assert_eq!(axum::body::to_bytes(response.into_body(), 100).await.unwrap(), "weft_up 1\n");
}

#[tokio::test]
async fn only_callers_on_this_machine_find_probes_on_the_main_address() {
    let asked = async |peer: &str, forwarded: Option<&'static str>| {
        let mut request = get("/healthz");
        request.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
        if let Some(header) = forwarded {
            request.headers_mut().insert(header, "192.0.2.1".parse().unwrap());
        }
        call(local_only(probes(Readiness::new(), String::new)), request).await.status()
    };
    for peer in ["127.0.0.1:5", "[::1]:5", "[::ffff:127.0.0.1]:5"] {
        assert_eq!(asked(peer, None).await, StatusCode::OK, "{peer}");
    }
    assert_eq!(asked("192.0.2.1:5", None).await, StatusCode::NOT_FOUND);
    for header in ["x-forwarded-for", "forwarded", "x-real-ip", "via"] {
        assert_eq!(
            asked("127.0.0.1:5", Some(header)).await,
            StatusCode::NOT_FOUND,
            "{header}: a proxy's caller"
        );
    }
    let unknown = call(local_only(probes(Readiness::new(), String::new)), get("/healthz")).await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND, "who calls is not known");
}
