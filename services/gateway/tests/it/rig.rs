use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body};
use chrono::{TimeDelta, Utc};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tokio::net::TcpListener;
use tower::ServiceExt as _;
use weft_auth::{Authority, FleetIdentity, Principal, Signer, Subject};
use weft_bus::{Bus, Event, Settings, Stream};
use weft_cache::Cache;
use weft_domain::{Role, SystemClock, TenantId, id};
use weft_gateway::{Config, DEFAULTS, Deps};
use weft_proto::{conversation::v1::Message, events::v1::MessageCreated, json};
use weft_rpc::Channels;
use weft_runtime::{Lifecycle, StopTimes};
use weft_testkit::{Nats, TempDir, temp_dir};
use weft_web::Limits;

use crate::services;

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Embedded,
    JetStream,
}

/// A gateway with what is behind it.
pub(crate) struct Rig {
    pub(crate) routes: Router,
    pub(crate) address: SocketAddr,
    pub(crate) bus: Bus,
    pub(crate) authority: Authority,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) exchanged: Arc<Mutex<Vec<String>>>,
    pub(crate) tenant: TenantId,
    signer: Signer,
    channels: Channels,
    _nats: Option<Nats>,
    _folder: TempDir,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

pub(crate) fn config(change: &str) -> Config {
    let mut loader =
        weft_config::Loader::from_parts(&[DEFAULTS], &format!("[gateway]\n{change}"), [], &[]).unwrap();
    let config = loader.section("gateway").unwrap();
    loader.finish().unwrap();
    config
}

impl Rig {
    pub(crate) async fn new() -> Self {
        Self::with("").await
    }

    pub(crate) async fn with(change: &str) -> Self {
        Self::on(Kind::Embedded, change).await
    }

    pub(crate) async fn on(kind: Kind, change: &str) -> Self {
        let folder = temp_dir();
        let (nats, url) = match kind {
            Kind::Embedded => (None, format!("embedded:{}", folder.path().display())),
            Kind::JetStream => {
                let nats = Nats::start().await;
                let url = nats.url();
                (Some(nats), url)
            }
        };
        let bus = Bus::connect(&Settings { publish_timeout_ms: 20_000, ..Settings::at(url) }).await.unwrap();
        bus.migrate(&[]).await.unwrap();
        let signer = Signer::new("k1", &Signer::generate().unwrap()).unwrap();
        let identity = FleetIdentity::new("gateway", &"x".repeat(32).into()).unwrap();
        let authority = Authority::new(identity, Arc::new(SystemClock));
        authority.set_keys(&[signer.public().clone()]);
        let exchanged = Arc::new(Mutex::default());
        let services = Lifecycle::new(StopTimes::LAPTOP);
        let channels = serve_services(&services, &authority, &exchanged);
        let mut rig = Self {
            routes: Router::new(),
            address: ([0, 0, 0, 0], 0).into(),
            bus,
            authority,
            lifecycle: Lifecycle::new(StopTimes::LAPTOP),
            exchanged,
            tenant: id::new(),
            signer,
            channels,
            _nats: nats,
            _folder: folder,
        };
        rig.start_gateway(change).await;
        rig
    }

    /// Starts another gateway process, as it were, on the same bus.
    pub(crate) async fn start_gateway(&mut self, change: &str) {
        let config = config(change);
        self.lifecycle = Lifecycle::new(StopTimes::LAPTOP);
        let deps = Deps {
            bus: self.bus.clone(),
            cache: Cache::in_process(1 << 20),
            authority: self.authority.clone(),
            channels: self.channels.clone(),
            config: config.clone(),
            clock: Arc::new(SystemClock),
            lifecycle: self.lifecycle.clone(),
        };
        let started = weft_gateway::start(deps).await.unwrap();
        self.routes = weft_gateway::around(&config, started.http);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let intake = self.lifecycle.intake();
        let (routes, stop) = (self.routes.clone(), intake.stop_token());
        self.address = weft_web::serve(listener, routes, Limits::default(), stop, intake).unwrap();
    }

    pub(crate) fn principal(&self, tenant: TenantId, role: Role) -> Principal {
        Principal {
            tenant,
            subject: Subject::User(id::new(), id::new()),
            role,
            scopes: None,
            issued_at: Utc::now(),
        }
    }

    /// An agent of the rig's tenant, with an access token.
    pub(crate) fn agent(&self) -> (Principal, String) {
        let principal = self.principal(self.tenant, Role::Agent);
        let token = self.token(&principal);
        (principal, token)
    }

    pub(crate) fn token(&self, principal: &Principal) -> String {
        self.signer.sign(principal).unwrap()
    }

    /// An agent whose token ends in so many seconds.
    pub(crate) fn agent_for(&self, seconds: i64) -> String {
        let issued_at = Utc::now() - TimeDelta::seconds(600 - seconds);
        self.token(&Principal { issued_at, ..self.principal(self.tenant, Role::Agent) })
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// A call as a new agent.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let (_, token) = self.agent();
        self.call_as(&token, method, path, body).await
    }

    pub(crate) async fn call_as(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.send(request(method, path, &[("authorization", &format!("Bearer {token}"))], body)).await
    }

    /// Publishes messages of a tenant, numbered by `seq`.
    pub(crate) async fn publish(
        &self,
        tenant: &TenantId,
        conversation: &str,
        seqs: std::ops::Range<u64>,
        text: &str,
    ) {
        publish(&self.bus, tenant, conversation, seqs, text).await;
    }
}

pub(crate) fn request(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<Value>,
) -> Request<Body> {
    let mut builder = Request::builder().method(method).uri(path).header("host", "weft.test");
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    match body {
        Some(json) => builder.header("content-type", "application/json").body(Body::from(json.to_string())),
        None => builder.body(Body::empty()),
    }
    .unwrap()
}

pub(crate) async fn publish(
    bus: &Bus,
    tenant: &TenantId,
    conversation: &str,
    seqs: std::ops::Range<u64>,
    text: &str,
) {
    let event = |seq: u64| {
        let message = Message {
            id: id::new::<id::Message>().to_string(),
            conversation_id: conversation.to_owned(),
            seq,
            text: text.to_owned(),
            ..Message::default()
        };
        Event {
            id: id::new::<id::Event>().to_string(),
            kind: "weft.v1.message.created".into(),
            source: "/conversation".into(),
            subject: format!("weft.events.{tenant}.message.created"),
            key: conversation.to_owned(),
            tenant: Some(tenant.to_string()),
            time: Utc::now(),
            traceparent: None,
            tracestate: None,
            data: json::encode(&MessageCreated { message: Some(message) }).unwrap(),
        }
    };
    bus.publish_all(Stream::Events, seqs.map(event).collect()).await.unwrap();
}

fn serve_services(
    lifecycle: &Lifecycle,
    authority: &Authority,
    exchanged: &Arc<Mutex<Vec<String>>>,
) -> Channels {
    let mut channels = Channels::default();
    let each = [
        ("directory", services::directory(Arc::clone(exchanged))),
        ("conversation", services::conversation()),
    ];
    for (name, routes) in each {
        let incoming = channels.local(name);
        let server = weft_rpc::Server::new(routes, authority.clone());
        lifecycle.intake().spawn(name, server.serve_local(incoming, std::future::pending()));
    }
    // nobody serves it: a service that is down
    drop(channels.local("media"));
    drop(channels.local("analytics"));
    drop(channels.local("automation"));
    drop(channels.local("compliance"));
    drop(channels.local("dead-letters"));
    drop(channels.local("voice"));
    channels
}
