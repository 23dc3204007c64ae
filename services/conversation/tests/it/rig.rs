use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{Database, DatabaseConnection};
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use weft_auth::{Authority, FleetIdentity, Signer};
use weft_bus::{Bus, ConsumerSpec, Event, Outcome, Stream};
use weft_conversation::{Config, Deps, Migrator};
use weft_crypto::{ExposeSecret, Kek};
use weft_domain::{Clock, Result, SystemClock};
use weft_proto::{channel::v1::Order, json};
use weft_rpc::{Channels, Server};
use weft_runtime::{Lifecycle, StopTimes};
use weft_store::{Pending, Settings, Store, Topic, vault::Vault};

use crate::{directory::Templates, log::Log, media::Files};

#[derive(Clone, Copy, Debug)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// The machine's clock, put forward by a test.
#[derive(Debug, Default)]
pub(crate) struct TestClock(Mutex<TimeDelta>);

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + *self.0.lock().unwrap()
    }
}

impl TestClock {
    pub(crate) fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

/// A running service with a bus, a database and callers of its own.
pub(crate) struct Rig {
    pub(crate) bus: Bus,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) store: Store,
    pub(crate) files: Files,
    pub(crate) templates: Templates,
    pub(crate) signer: Signer,
    pub(crate) authority: Authority,
    pub(crate) channel: Channel,
    pub(crate) lifecycle: Lifecycle,
    /// What everybody may follow.
    pub(crate) events: Arc<Log<Event>>,
    /// What adapters are ordered to do.
    pub(crate) orders: Arc<Log<Order>>,
    /// What the bus keeps the order of.
    pub(crate) order_keys: Arc<Log<String>>,
    settings: Settings,
    channels: Channels,
    folder: tempfile::TempDir,
}

impl Rig {
    pub(crate) async fn new(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(engine, folder.path()).await;
        Self::on(settings, folder).await
    }

    /// The same on these databases.
    pub(crate) async fn on(settings: Settings, folder: tempfile::TempDir) -> Self {
        let clock = Arc::new(TestClock::default());
        let store = store(&settings, clock.clone()).await;
        let config = Config { intake_batch: 64 };
        let orders = ConsumerSpec::new("orders", Stream::Out, &["weft.out.>"]);
        let bus = bus(folder.path(), &config, &orders).await;
        let lifecycle = Lifecycle::new(StopTimes::LAPTOP);
        let tasks = lifecycle.intake().clone();

        let signer = Signer::new("k1", &Signer::generate().unwrap()).unwrap();
        let identity = FleetIdentity::new("conversation", &"x".repeat(32).into()).unwrap();
        let authority = Authority::new(identity, Arc::new(SystemClock));
        authority.set_keys(&[signer.public().clone()]);
        let mut channels = Channels::default();
        let (incoming, to_media) = (channels.local("conversation"), channels.local("media"));
        let files = Files::default();
        let media = Server::new(files.routes(), authority.clone());
        let templates = Templates::default();
        let directory = Server::new(templates.routes(), authority.clone());
        let stop = tasks.stop_token();
        tasks.spawn(
            "directory",
            directory.serve_local(channels.local("directory"), stop.clone().cancelled_owned()),
        );
        tasks.spawn("media", media.serve_local(to_media, stop.clone().cancelled_owned()));

        let started = weft_conversation::start(Deps {
            store: store.clone(),
            bus: bus.clone(),
            authority: authority.clone(),
            channels: channels.clone(),
            config,
            lifecycle: lifecycle.clone(),
        })
        .await
        .unwrap();
        let server = Server::new(started.grpc, authority.clone());
        tasks.spawn("grpc", server.serve_local(incoming, stop.clone().cancelled_owned()));
        tasks.spawn("relay", relay(store.clone(), bus.clone(), stop.clone()));
        let rig = Self {
            channel: channels.to("conversation").unwrap(),
            channels,
            bus,
            clock,
            store,
            files,
            templates,
            signer,
            authority,
            lifecycle,
            events: Arc::default(),
            orders: Arc::default(),
            order_keys: Arc::default(),
            settings,
            folder,
        };
        rig.watch(&orders).await;
        rig
    }

    /// Another replica, as far as its jobs go: it hears of nothing.
    pub(crate) async fn replica(&self) {
        let config = Config { intake_batch: 64 };
        let none = ConsumerSpec::new("orders", Stream::Out, &["weft.out.>"]);
        let bus = bus(&self.folder.path().join("replica"), &config, &none).await;
        weft_conversation::start(Deps {
            store: self.store.clone(),
            bus,
            authority: self.authority.clone(),
            channels: self.channels.clone(),
            config,
            lifecycle: self.lifecycle.clone(),
        })
        .await
        .unwrap();
    }

    /// The service's PostgreSQL database, past the service.
    pub(crate) async fn database(&self) -> DatabaseConnection {
        Database::connect(self.settings.system_url.expose_secret()).await.unwrap()
    }

    /// Notes all events and orders from now on.
    async fn watch(&self, orders: &ConsumerSpec) {
        let stop = self.lifecycle.intake().stop_token();
        let consumer = self.bus.consume(orders).await.unwrap().remove(0);
        let (log, keys) = (self.orders.clone(), self.order_keys.clone());
        let note = move |batch: Vec<weft_bus::Delivery>| {
            let outcomes = batch.iter().map(|_| Outcome::Done).collect();
            for delivery in batch {
                keys.add(delivery.event.key);
                log.add(json::decode(&delivery.event.data).unwrap());
            }
            async move { outcomes }
        };
        self.lifecycle.intake().spawn("orders", consumer.run(stop.clone(), note));
        let filters = vec!["weft.events.>".to_owned()];
        let mut reader = self.bus.read_from(Stream::Events, Some(0), filters).await.unwrap();
        let log = self.events.clone();
        self.lifecycle.intake().spawn("events", async move {
            while let Some(Ok(Some((_, event)))) = stop.run_until_cancelled(reader.next()).await {
                log.add(event);
            }
        });
    }
}

async fn settings(engine: Engine, folder: &std::path::Path) -> Settings {
    match engine {
        Engine::Sqlite => Settings::sqlite(folder),
        Engine::Postgres => {
            let database = weft_testkit::postgres().await.database().await;
            Settings::postgres(&database.service_url, &database.owner_url, &database.system_url)
        }
    }
}

async fn store(settings: &Settings, clock: Arc<TestClock>) -> Store {
    let vault = Vault::new(Arc::new(Kek::generate()), "conversation");
    let store = Store::connect(settings, "conversation", vault, clock).await.unwrap();
    store.migrate::<Migrator>().await.unwrap();
    store
}

async fn bus(folder: &std::path::Path, config: &Config, orders: &ConsumerSpec) -> Bus {
    let url = format!("embedded:{}", folder.join("bus").display());
    let bus = Bus::connect(&weft_bus::Settings::at(url)).await.unwrap();
    let mut consumers = weft_conversation::consumers(config);
    consumers.push(orders.clone());
    bus.migrate(&consumers).await.unwrap();
    bus
}

/// What the fleet does with each service's outbox.
async fn relay(store: Store, bus: Bus, stop: CancellationToken) -> Result<()> {
    let bus = &bus;
    let publish = |pending: Vec<Pending>| async move {
        let told = pending.into_iter().filter(|one| one.topic != Topic::Audit);
        let (orders, events): (Vec<_>, Vec<_>) = told.partition(|one| one.topic == Topic::Out);
        bus.publish_all(Stream::Events, events.into_iter().map(event).collect()).await?;
        bus.publish_all(Stream::Out, orders.into_iter().map(event).collect()).await.map(|_| ())
    };
    store.relay(publish, stop).await
}

fn event(pending: Pending) -> Event {
    Event {
        id: pending.id.to_string(),
        kind: pending.kind,
        source: pending.source,
        subject: pending.subject,
        key: pending.key,
        tenant: Some(pending.tenant.to_string()),
        time: pending.time,
        traceparent: pending.traceparent,
        tracestate: None,
        data: pending.body,
    }
}
