use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body, response::Response};
use chrono::{DateTime, TimeDelta, Utc};
use futures::{SinkExt as _, StreamExt as _};
use http::{Request, header::AUTHORIZATION};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::mpsc,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{self, Message as Frame, client::IntoClientRequest as _},
};
use tonic::service::Routes;
use tower::ServiceExt as _;
use uuid::Uuid;
use weft_auth::{Authority, FleetIdentity};
use weft_bus::{Bus, ConsumerSpec, Delivery, Event, Outcome, Stream, subject};
use weft_cache::Cache;
use weft_channel::{HostConfig, Inbound, Outbound, author};
use weft_channel_webchat::{Config, DEFAULTS, Deps};
use weft_domain::{
    Clock, SystemClock, TenantId,
    id::{self, ChannelId},
};
use weft_proto::{
    automation::v1::staffing_server::StaffingServer,
    channel::v1::{Order, order},
    conversation::v1::{Author, threads_server::ThreadsServer},
    directory::v1::{Account, channel_accounts_server::ChannelAccountsServer},
    json as proto_json,
    media::v1::file_transfer_server::FileTransferServer,
};
use weft_rpc::{Channels, Server};
use weft_runtime::{Lifecycle, StopTimes};
use weft_web::{Edge, Limits};

use crate::neighbours::{Automation, Conversation, Directory, Media, fields};

pub(crate) const SOON: Duration = Duration::from_secs(10);

/// A clock that a test turns.
#[derive(Debug)]
pub(crate) struct TestClock(Mutex<DateTime<Utc>>);

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

impl TestClock {
    pub(crate) fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

/// A running web chat with one channel.
pub(crate) struct Rig {
    pub(crate) http: Router,
    pub(crate) address: SocketAddr,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) directory: Directory,
    pub(crate) conversation: Conversation,
    pub(crate) media: Media,
    pub(crate) automation: Automation,
    pub(crate) tenant: TenantId,
    pub(crate) channel: ChannelId,
    pub(crate) bus: Bus,
    pub(crate) lifecycle: Lifecycle,
    /// What came in, in order.
    pub(crate) inbound: mpsc::UnboundedReceiver<Inbound>,
    _folder: weft_testkit::TempDir,
}

/// A session as the page got it.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) token: String,
    pub(crate) visitor: String,
    pub(crate) opened: Value,
}

pub(crate) fn config() -> Config {
    let mut loader = weft_config::Loader::from_parts(&[DEFAULTS], "", [], &[]).unwrap();
    loader.section("channel_webchat").unwrap()
}

impl Rig {
    pub(crate) async fn new() -> Self {
        Self::with(config(), &[]).await
    }

    pub(crate) async fn with(config: Config, origins: &[&str]) -> Self {
        Self::set_up(config, json!({"allowed_origins": origins}), json!({})).await
    }

    /// With a channel that has these settings and secrets.
    pub(crate) async fn set_up(config: Config, settings: Value, secrets: Value) -> Self {
        let folder = weft_testkit::temp_dir();
        let bus = Bus::connect(&weft_bus::Settings::at(format!("embedded:{}", folder.path().display())))
            .await
            .unwrap();
        let reader = ConsumerSpec::new("conversation-inbound", Stream::In, &["weft.in.>"]);
        let mut consumers = weft_channel_webchat::consumers();
        consumers.push(reader.clone());
        bus.migrate(&consumers).await.unwrap();

        let (tenant, channel) = (id::new(), id::new());
        let (directory, conversation) = (Directory::default(), Conversation::default());
        let account = Account {
            settings: Some(fields(&settings)),
            secrets: Some(fields(&secrets)),
            ..account(tenant, channel, &[])
        };
        let (media, automation) = (Media::default(), Automation::default());
        *automation.0.lock().unwrap() = (1, 0);
        directory.accounts.lock().unwrap().insert(channel.to_string(), account);
        let lifecycle = Lifecycle::new(StopTimes::LAPTOP);
        let identity = FleetIdentity::new("channel-webchat", &"x".repeat(32).into()).unwrap();
        let authority = Authority::new(identity, Arc::new(SystemClock));
        let mut channels = Channels::default();
        for (name, routes) in [
            ("media", Routes::new(FileTransferServer::new(media.clone()))),
            ("automation", Routes::new(StaffingServer::new(automation.clone()))),
            ("directory", Routes::new(ChannelAccountsServer::new(directory.clone()))),
            ("conversation", Routes::new(ThreadsServer::new(conversation.clone()))),
        ] {
            let incoming = channels.local(name);
            let server = Server::new(routes, authority.clone());
            let stop = lifecycle.flush().stop_token();
            lifecycle.flush().spawn(name, server.serve_local(incoming, stop.cancelled_owned()));
        }

        let clock = Arc::new(TestClock(Mutex::new(SystemClock.now())));
        let started = weft_channel_webchat::start(Deps {
            bus: bus.clone(),
            channels,
            authority,
            http: weft_http::Client::new(weft_http::Settings::default()).unwrap(),
            cache: Cache::in_process(1 << 20),
            clock: clock.clone(),
            lifecycle: lifecycle.clone(),
            host: HostConfig { spool_folder: folder.path().join("spool"), ..HostConfig::default() },
            config,
        })
        .await
        .unwrap();

        let (found, inbound) = mpsc::unbounded_channel();
        let consumer = bus.consume(&reader).await.unwrap().remove(0);
        let stop = lifecycle.work().stop_token();
        lifecycle.work().spawn(
            "read inbound",
            consumer.run(stop, move |deliveries: Vec<Delivery>| {
                for delivery in &deliveries {
                    drop(found.send(proto_json::decode(&delivery.event.data).unwrap()));
                }
                std::future::ready(vec![Outcome::Done; deliveries.len()])
            }),
        );

        let http = Edge::default().around(started.http);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let intake = lifecycle.intake();
        let address =
            weft_web::serve(listener, http.clone(), Limits::default(), intake.stop_token(), intake).unwrap();
        let rig = Self {
            http,
            address,
            clock,
            directory,
            conversation,
            media,
            automation,
            tenant,
            channel,
            bus,
            lifecycle,
            inbound,
            _folder: folder,
        };
        rig.until_connected().await;
        rig
    }

    /// The host makes the channel's secret in the background, and then reads the channel anew.
    async fn until_connected(&self) {
        let channel = self.channel.to_string();
        let asked = async || self.directory.connected.lock().unwrap().contains(&channel).then_some(());
        weft_testkit::eventually("the channel is connected", SOON, asked).await;
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/webchat/{}/{rest}", self.channel)
    }

    pub(crate) async fn call(&self, request: Request<Body>) -> Response {
        self.http.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn open(&self, token: Option<&str>, asked: &Value) -> Session {
        let answer = self.call(post(&self.path("sessions"), token, asked)).await;
        assert_eq!(answer.status(), 201);
        let opened = json_of(answer).await;
        let text = |name: &str| opened.get(name).unwrap().as_str().unwrap().to_owned();
        Session { token: text("session_token"), visitor: text("visitor_id"), opened }
    }

    pub(crate) async fn visitor(&self) -> Session {
        self.open(None, &json!({})).await
    }

    pub(crate) async fn write(&self, session: &Session, client_id: Uuid, text: &str) -> Response {
        let body = json!({"client_id": client_id, "text": text});
        self.call(post(&self.path("messages"), Some(&session.token), &body)).await
    }

    pub(crate) async fn history(&self, session: &Session, query: &str) -> Value {
        json_of(self.call(get(&self.path(&format!("messages{query}")), Some(&session.token))).await).await
    }

    pub(crate) async fn next_inbound(&mut self) -> Inbound {
        tokio::time::timeout(SOON, self.inbound.recv()).await.expect("something comes in").unwrap()
    }

    pub(crate) fn thread(&self, session: &Session) -> String {
        format!("{}/{}/{}", self.tenant, self.channel, session.visitor)
    }

    /// Has the host deliver an agent's message, as the conversation service orders it.
    pub(crate) async fn answer(&self, session: &Session, seq: u64, text: &str) -> String {
        self.deliver(session, Outbound { seq, text: text.to_owned(), ..Outbound::default() }).await
    }

    /// The same with other content.
    pub(crate) async fn deliver(&self, session: &Session, content: Outbound) -> String {
        let message_id = id::new::<id::Message>().to_string();
        let author =
            Author { kind: author::Kind::Agent.into(), id: "user_secret".into(), name: "Grace".into() };
        let outbound = Outbound {
            message_id: message_id.clone(),
            conversation_id: "conv_secret".into(),
            thread_id: self.thread(session),
            attempt: 1,
            author: Some(author),
            ..content
        };
        self.order(&message_id, order::Order::Deliver(outbound)).await;
        message_id
    }

    pub(crate) async fn order(&self, key: &str, what: order::Order) {
        let order = Order {
            tenant_id: self.tenant.to_string(),
            channel_id: self.channel.to_string(),
            channel_kind: "webchat".into(),
            order: Some(what),
        };
        let event = Event {
            id: Uuid::now_v7().to_string(),
            kind: "weft.v1.order".into(),
            source: "/conversation".into(),
            subject: subject::outbound("webchat", 1).unwrap(),
            key: key.to_owned(),
            tenant: Some(self.tenant.to_string()),
            time: Utc::now(),
            traceparent: None,
            tracestate: None,
            data: proto_json::encode(&order).unwrap(),
        };
        self.bus.publish(Stream::Out, event).await.unwrap();
    }

    fn handshake(&self, token: &str) -> Request<()> {
        let url = format!("ws://{}{}", self.address, self.path("live"));
        let mut request = url.into_client_request().unwrap();
        let protocols = format!("weft.webchat.v1, token.{token}");
        request.headers_mut().insert("sec-websocket-protocol", protocols.parse().unwrap());
        request
    }

    pub(crate) async fn connect(
        &self,
        token: &str,
        origin: Option<&str>,
    ) -> Result<Socket, tungstenite::Error> {
        let mut request = self.handshake(token);
        if let Some(page) = origin {
            request.headers_mut().insert("origin", page.parse().unwrap());
        }
        let (stream, answer) = tokio_tungstenite::connect_async(request).await?;
        assert_eq!(answer.headers().get("sec-websocket-protocol").unwrap(), "weft.webchat.v1");
        Ok(Socket(stream))
    }

    /// A socket whose page takes little at once.
    pub(crate) async fn narrow_socket(&self, session: &Session) -> WebSocketStream<TcpStream> {
        self.narrow(self.handshake(&session.token)).await
    }

    /// The same for any socket of ours.
    pub(crate) async fn narrow(&self, handshake: Request<()>) -> WebSocketStream<TcpStream> {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        let stream = socket.connect(self.address).await.unwrap();
        tokio_tungstenite::client_async(handshake, stream).await.unwrap().0
    }

    /// A socket that has been greeted.
    pub(crate) async fn socket(&self, session: &Session) -> Socket {
        let mut socket = self.connect(&session.token, None).await.unwrap();
        assert_eq!(socket.next().await["type"], "hello");
        socket
    }
}

/// A page's end of a socket.
pub(crate) struct Socket(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub(crate) async fn say(&mut self, frame: Value) {
        self.0.send(Frame::text(frame.to_string())).await.unwrap();
    }

    /// The next frame with words in it.
    pub(crate) async fn next(&mut self) -> Value {
        match self.receive().await {
            Frame::Text(text) => serde_json::from_str(text.as_str()).unwrap(),
            other => panic!("not words: {other:?}"),
        }
    }

    pub(crate) async fn receive(&mut self) -> Frame {
        loop {
            let received = tokio::time::timeout(SOON, self.0.next()).await.expect("something is said");
            match received.expect("the socket is open").unwrap() {
                Frame::Ping(_) | Frame::Pong(_) => {}
                frame => return frame,
            }
        }
    }
}

pub(crate) fn account(tenant: TenantId, channel: ChannelId, origins: &[&str]) -> Account {
    Account {
        channel_id: channel.to_string(),
        tenant_id: tenant.to_string(),
        kind: "webchat".into(),
        name: "Museum".into(),
        enabled: true,
        settings: Some(fields(&json!({"allowed_origins": origins}))),
        version: 1,
        ..Account::default()
    }
}

pub(crate) fn post(path: &str, token: Option<&str>, body: &Value) -> Request<Body> {
    let mut request = Request::post(path).header("content-type", "application/json");
    if let Some(bearer) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {bearer}"));
    }
    request.body(Body::from(body.to_string())).unwrap()
}

pub(crate) fn get(path: &str, token: Option<&str>) -> Request<Body> {
    let mut request = Request::get(path);
    if let Some(bearer) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {bearer}"));
    }
    request.body(Body::empty()).unwrap()
}

pub(crate) async fn json_of(response: Response) -> Value {
    serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
}

/// The status and the reason of a refusal.
pub(crate) async fn refusal(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let problem = json_of(response).await;
    (status, problem.get("reason").unwrap().as_str().unwrap().to_owned())
}
