use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use prost_types::{Struct, Value as Field, value::Kind};
use serde_json::Value;
use tokio::{net::TcpListener, sync::mpsc, time::timeout};
use weft_auth::{Authority, FleetIdentity};
use weft_bus::{Bus, ConsumerSpec, Delivery, Event, Outcome, Settings, Stream};
use weft_cache::Cache;
use weft_channel::{Descriptor, Host, HostConfig, HostDeps, consumers};
use weft_domain::{SystemClock, TenantId, id, id::ChannelId, partition};
use weft_http::{Client, Request, Response};
use weft_proto::{
    channel::v1::{AttemptEnded, ChannelLogged, Inbound, Order, Outbound, inbound, order},
    directory::v1::{Account, Channel, ChannelLogEntry, Health, health},
    events::v1::{ChannelTemplatesRequested, ChannelUpdated},
    json,
};
use weft_rpc::{Channels, Server};
use weft_runtime::{Lifecycle, StopTimes, TaskSet};
use weft_testkit::{TempDir, temp_dir};

use crate::{
    fleet::Fleet,
    provider::Provider,
    toy::{self, KIND, SECRET, Toy},
};

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// One installation with a bus, a directory, a media service, a provider and one account, `channel`.
pub(crate) struct Rig {
    pub(crate) bus: Bus,
    pub(crate) settings: Settings,
    _folder: TempDir,
    pub(crate) fleet: Fleet,
    pub(crate) provider: Provider,
    pub(crate) tenant: TenantId,
    pub(crate) channel: ChannelId,
    pub(crate) config: HostConfig,
    pub(crate) cache: Cache,
    health: mpsc::UnboundedReceiver<(String, Health)>,
    client: Client,
    tasks: TaskSet,
}

/// A host at work.
pub(crate) struct Running {
    pub(crate) host: Host<Toy>,
    pub(crate) life: Lifecycle,
    pub(crate) base: String,
}

/// What is on `LOG`, line by line.
pub(crate) struct Log {
    events: Incoming,
    lines: Vec<ChannelLogEntry>,
}

/// What is on `IN`, in order.
pub(crate) struct Incoming {
    events: mpsc::UnboundedReceiver<Event>,
    _tasks: TaskSet,
}

impl Rig {
    pub(crate) async fn new() -> Self {
        let folder = temp_dir();
        let url = format!("embedded:{}", folder.path().join("bus").display());
        Self::at(folder, url).await
    }

    pub(crate) async fn at(folder: TempDir, url: String) -> Self {
        let settings = Settings { publish_timeout_ms: 20_000, ..Settings::at(url) };
        let bus = Bus::connect(&settings).await.unwrap();
        let mut specs = consumers(KIND);
        specs.extend([reader(), log_reader()]);
        bus.migrate(&specs).await.unwrap();
        let tasks = TaskSet::new("test");
        let provider = Provider::start(&tasks).await;
        let (fleet, health) = Fleet::new();
        let client = Client::new(weft_http::Settings { allow_private: true, ..Default::default() }).unwrap();
        let rig = Self {
            bus,
            settings,
            fleet,
            provider,
            tenant: id::new(),
            channel: id::new(),
            config: HostConfig {
                public_url: Some("https://weft.example/".to_owned()),
                spool_folder: folder.path().join("spool"),
                ..HostConfig::default()
            },
            cache: Cache::in_process(1 << 20),
            health,
            client,
            tasks,
            _folder: folder,
        };
        rig.fleet.put(rig.account());
        rig
    }

    pub(crate) fn account(&self) -> Account {
        let text = |value: &str| Field { kind: Some(Kind::StringValue(value.to_owned())) };
        let fields =
            |name: &str, value: &str| Some(Struct { fields: [(name.to_owned(), text(value))].into() });
        Account {
            channel_id: self.channel.to_string(),
            tenant_id: self.tenant.to_string(),
            kind: KIND.to_owned(),
            name: "Shop".to_owned(),
            enabled: true,
            settings: fields("api_base", &self.provider.base),
            secrets: fields("secret", "hush"),
            version: 1,
            ..Account::default()
        }
    }

    pub(crate) async fn start(&self) -> Running {
        self.start_as(|_| {}).await
    }

    pub(crate) async fn start_as(&self, change: impl FnOnce(&mut Descriptor)) -> Running {
        let mut descriptor = toy::descriptor();
        change(&mut descriptor);
        let identity = FleetIdentity::new("channel-toy", &"x".repeat(32).into()).unwrap();
        let authority = Authority::new(identity, Arc::new(SystemClock));
        let mut channels = Channels::default();
        for service in ["directory", "media"] {
            let incoming = channels.local(service);
            let server = Server::new(self.fleet.routes(), authority.clone());
            let stop = self.tasks.stop_token();
            self.tasks.spawn("service", async move { server.serve_local(incoming, stop.cancelled()).await });
        }
        let life = Lifecycle::new(StopTimes::LAPTOP);
        let deps = HostDeps {
            bus: self.bus.clone(),
            channels,
            authority,
            http: self.client.clone(),
            cache: self.cache.clone(),
            clock: Arc::new(SystemClock),
            lifecycle: life.clone(),
            config: self.config.clone(),
        };
        let host = Host::start(Toy(descriptor), deps).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let intake = life.intake();
        let limits = weft_web::Limits::default();
        let address = weft_web::serve(listener, host.router(), limits, intake.stop_token(), intake).unwrap();
        Running { host, life, base: format!("http://{address}") }
    }

    /// Calls the account's webhook as the provider does.
    pub(crate) async fn hook(&self, running: &Running, body: &Value) -> Response {
        self.hook_with(running, "hush", &self.channel.to_string(), body.to_string()).await
    }

    pub(crate) async fn hook_with(
        &self,
        running: &Running,
        secret: &str,
        channel: &str,
        body: String,
    ) -> Response {
        let url = format!("{}/hooks/{KIND}/{channel}", running.base);
        let request = Request::post(&url).header(SECRET, secret).bytes("application/json", Bytes::from(body));
        self.client.send(request).await.unwrap()
    }

    pub(crate) async fn get(&self, url: &str) -> Response {
        self.client.send(Request::get(url).header(SECRET, "hush")).await.unwrap()
    }

    /// Reads `IN` as the core does.
    pub(crate) async fn incoming(&self) -> Incoming {
        self.read(&reader()).await
    }

    /// Reads `LOG` as the directory does.
    pub(crate) async fn log(&self) -> Log {
        Log { events: self.read(&log_reader()).await, lines: Vec::new() }
    }

    async fn read(&self, spec: &ConsumerSpec) -> Incoming {
        let (sender, events) = mpsc::unbounded_channel();
        let consumer = self.bus.consume(spec).await.unwrap().remove(0);
        let tasks = TaskSet::new("reader");
        let run = consumer.run(tasks.stop_token(), move |deliveries: Vec<Delivery>| {
            let sender = sender.clone();
            async move { deliveries.into_iter().map(|one| done(sender.send(one.event))).collect() }
        });
        tasks.spawn("read", run);
        Incoming { events, _tasks: tasks }
    }

    /// Writes an order as the core does.
    pub(crate) async fn order(&self, order: order::Order) -> String {
        let event = self.order_event(order);
        let id = event.id.clone();
        self.bus.publish(Stream::Out, event).await.unwrap();
        id
    }

    /// Replays a dead letter that holds such an order.
    pub(crate) async fn send_again(&self, message: &Outbound) {
        let event = self.order_event(order::Order::Deliver(message.clone()));
        self.bus.publish_again(Stream::Out, event, "replay:letter".to_owned()).await.unwrap();
    }

    fn order_event(&self, order: order::Order) -> Event {
        let order = Order {
            tenant_id: self.tenant.to_string(),
            channel_id: self.channel.to_string(),
            channel_kind: KIND.to_owned(),
            order: Some(order),
        };
        let id = uuid::Uuid::now_v7().to_string();
        Event {
            subject: format!("weft.out.{KIND}.{}", partition::of(&id)),
            id,
            kind: "weft.v1.order".to_owned(),
            source: "/conversation".to_owned(),
            key: String::new(),
            tenant: Some(self.tenant.to_string()),
            time: chrono::Utc::now(),
            traceparent: None,
            tracestate: None,
            data: json::encode(&order).unwrap(),
        }
    }

    pub(crate) async fn send(&self, message: &Outbound) -> String {
        self.order(order::Order::Deliver(message.clone())).await
    }

    /// Tells everybody that the account changed, as the directory does.
    pub(crate) async fn changed(&self) {
        let channel = Channel { id: self.channel.to_string(), kind: KIND.to_owned(), ..Channel::default() };
        let event = Event {
            id: uuid::Uuid::now_v7().to_string(),
            kind: "weft.v1.channel.updated".to_owned(),
            source: "/directory".to_owned(),
            subject: format!("weft.events.{}.channel.updated", self.tenant),
            key: String::new(),
            tenant: Some(self.tenant.to_string()),
            time: chrono::Utc::now(),
            traceparent: None,
            tracestate: None,
            data: json::encode(&ChannelUpdated { channel: Some(channel) }).unwrap(),
        };
        self.bus.publish(Stream::Events, event).await.unwrap();
    }

    /// Has the account's templates listed anew, as the directory does when somebody asks.
    pub(crate) async fn ask_for_templates(&self, kind: &str) {
        let asked =
            ChannelTemplatesRequested { channel_id: self.channel.to_string(), channel_kind: kind.to_owned() };
        let event = Event {
            id: uuid::Uuid::now_v7().to_string(),
            kind: "weft.v1.channel_templates.requested".to_owned(),
            source: "/directory".to_owned(),
            subject: format!("weft.events.{}.channel_templates.requested", self.tenant),
            key: String::new(),
            tenant: Some(self.tenant.to_string()),
            time: chrono::Utc::now(),
            traceparent: None,
            tracestate: None,
            data: json::encode(&asked).unwrap(),
        };
        self.bus.publish(Stream::Events, event).await.unwrap();
    }

    /// The next report about the account's health, its words with it.
    pub(crate) async fn health(&mut self) -> (health::Status, String) {
        let health = self.report().await;
        (health.status(), health.detail)
    }

    /// The same whole.
    pub(crate) async fn report(&mut self) -> Health {
        let report = timeout(PATIENCE, self.health.recv()).await.expect("a report in time").unwrap();
        assert_eq!(report.0, self.channel.to_string());
        report.1
    }

    pub(crate) async fn connected(&mut self) {
        assert_eq!(self.health().await.0, health::Status::Connected);
    }
}

impl Running {
    /// Stops in order.
    pub(crate) async fn stop(self) {
        self.life.stop().await.unwrap();
    }

    /// Ends as a process that is killed: nothing is finished, nothing is said.
    pub(crate) async fn die(self) {
        for set in [self.life.intake(), self.life.work(), self.life.flush()] {
            set.abort();
            set.wait(PATIENCE).await.unwrap();
        }
    }
}

impl Log {
    /// The next line of this operation; others before it are passed over.
    pub(crate) async fn line(&mut self, operation: &str) -> ChannelLogEntry {
        loop {
            let found = self.lines.iter().position(|line| line.operation == operation);
            if let Some(index) = found {
                return self.lines.drain(..=index).next_back().unwrap();
            }
            let event = self.events.event().await;
            assert_eq!(event.subject, format!("weft.log.{KIND}"));
            let logged: ChannelLogged = json::decode(&event.data).unwrap();
            self.lines.extend(logged.entries.into_iter().map(|noted| noted.entry.unwrap()));
        }
    }
}

impl Incoming {
    pub(crate) async fn event(&mut self) -> Event {
        timeout(PATIENCE, self.events.recv()).await.expect("an event in time").expect("a running reader")
    }

    pub(crate) async fn next(&mut self) -> Inbound {
        json::decode(&self.event().await.data).unwrap()
    }

    /// The next message's text.
    pub(crate) async fn text(&mut self) -> String {
        match self.next().await.event {
            Some(inbound::Event::Message(message)) => message.text,
            other => panic!("not a message: {other:?}"),
        }
    }

    /// How the next attempt ended; markers before it are passed over.
    pub(crate) async fn ended(&mut self) -> AttemptEnded {
        loop {
            match self.next().await.event {
                Some(inbound::Event::AttemptEnded(ended)) => return ended,
                Some(inbound::Event::AttemptStarted(_)) => {}
                other => panic!("not an attempt: {other:?}"),
            }
        }
    }

    /// What is there and was not looked at.
    pub(crate) fn unseen(&mut self) -> usize {
        std::iter::from_fn(|| self.events.try_recv().ok()).count()
    }
}

fn log_reader() -> ConsumerSpec {
    ConsumerSpec::new("test-log", Stream::Log, &["weft.log.>"])
}

fn reader() -> ConsumerSpec {
    ConsumerSpec::new("test-reader", Stream::In, &["weft.in.>"])
}

fn done<T>(sent: Result<(), T>) -> Outcome {
    assert!(sent.is_ok(), "nobody reads any more");
    Outcome::Done
}

pub(crate) fn message(text: &str) -> Outbound {
    Outbound {
        message_id: id::new::<id::Message>().to_string(),
        thread_id: "thread-1".to_owned(),
        attempt: 1,
        text: text.to_owned(),
        ..Outbound::default()
    }
}
