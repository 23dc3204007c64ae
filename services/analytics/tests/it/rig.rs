use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tonic::{Request, transport::Channel};
use weft_analytics::{Config, Deps, Migrator};
use weft_auth::{Authority, FleetIdentity, Signer};
use weft_bus::{Bus, Event, Stream};
use weft_crypto::Kek;
use weft_domain::{Clock, Error, Role, SystemClock, TenantId, id};
use weft_proto::analytics::v1::{
    Figures, GetOverviewRequest, GetRebuildRequest, Overview, Rebuild, StartRebuildRequest,
    analytics_client::AnalyticsClient, rebuild::State,
};
use weft_rpc::{Channels, Server};
use weft_runtime::{Lifecycle, StopTimes};
use weft_store::{Settings, Store, vault::Vault};
use weft_testkit::eventually;

use crate::{
    rows::{self, Rows},
    story::{self, noon},
};

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// SQLite and the embedded bus.
    Embedded,
    /// PostgreSQL and JetStream.
    Real,
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

/// A database, a bus, and replicas of the service on them.
pub(crate) struct Rig {
    pub(crate) bus: Bus,
    pub(crate) store: Store,
    pub(crate) clock: Arc<TestClock>,
    signer: Signer,
    engine: Engine,
    limits: weft_bus::Limits,
    _servers: Vec<weft_testkit::Nats>,
    _folders: Vec<tempfile::TempDir>,
}

/// A running replica.
pub(crate) struct Replica {
    channel: Channel,
    lifecycle: Lifecycle,
}

impl Replica {
    pub(crate) async fn stop(self) {
        self.lifecycle.ask_to_stop("the test says so");
        self.lifecycle.stop().await.unwrap();
    }
}

impl Rig {
    pub(crate) async fn new(engine: Engine) -> Self {
        Self::with_limits(engine, weft_bus::Limits::default()).await
    }

    pub(crate) async fn with_limits(engine: Engine, limits: weft_bus::Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock::default());
        let settings = match engine {
            Engine::Embedded => Settings::sqlite(folder.path()),
            Engine::Real => {
                let database = weft_testkit::postgres().await.database().await;
                Settings::postgres(&database.service_url, &database.owner_url, &database.system_url)
            }
        };
        let vault = Vault::new(Arc::new(Kek::generate()), "analytics");
        let store = Store::connect(&settings, "analytics", vault, clock.clone()).await.unwrap();
        store.migrate::<Migrator>().await.unwrap();
        let (mut servers, mut folders) = (Vec::new(), vec![folder]);
        let bus = new_bus(engine, &limits, &mut servers, &mut folders).await;
        let signer = Signer::new("k1", &Signer::generate().unwrap()).unwrap();
        Self { bus, store, clock, signer, engine, limits, _servers: servers, _folders: folders }
    }

    /// Another bus beside the first, as after one was lost.
    pub(crate) async fn other_bus(&mut self) -> Bus {
        new_bus(self.engine, &self.limits, &mut self._servers, &mut self._folders).await
    }

    /// Starts a replica on the rig's bus.
    pub(crate) async fn start(&self) -> Replica {
        self.start_on(&self.bus).await
    }

    /// Starts a replica on another bus.
    pub(crate) async fn start_on(&self, bus: &Bus) -> Replica {
        let identity = FleetIdentity::new("analytics", &"x".repeat(32).into()).unwrap();
        let authority = Authority::new(identity, Arc::new(SystemClock));
        authority.set_keys(&[self.signer.public().clone()]);
        let lifecycle = Lifecycle::new(StopTimes::LAPTOP);
        let started = weft_analytics::start(Deps {
            store: self.store.clone(),
            bus: bus.clone(),
            config: config(),
            lifecycle: lifecycle.clone(),
        })
        .await
        .unwrap();
        let mut channels = Channels::default();
        let incoming = channels.local("analytics");
        let tasks = lifecycle.intake().clone();
        let server = Server::new(started.grpc, authority);
        tasks.spawn("grpc", server.serve_local(incoming, tasks.stop_token().cancelled_owned()));
        Replica { channel: channels.to("analytics").unwrap(), lifecycle }
    }

    /// A tenant of its own.
    pub(crate) fn tenant<'a>(&'a self, replica: &Replica) -> Tenant<'a> {
        Tenant { id: id::new(), rig: self, channel: replica.channel.clone() }
    }
}

async fn new_bus(
    engine: Engine,
    limits: &weft_bus::Limits,
    servers: &mut Vec<weft_testkit::Nats>,
    folders: &mut Vec<tempfile::TempDir>,
) -> Bus {
    let url = match engine {
        Engine::Embedded => {
            folders.push(tempfile::tempdir().unwrap());
            format!("embedded:{}", folders.last().unwrap().path().display())
        }
        Engine::Real => {
            servers.push(weft_testkit::Nats::start().await);
            servers.last().unwrap().url()
        }
    };
    let settings = weft_bus::Settings { limits: limits.clone(), ..weft_bus::Settings::at(url) };
    let bus = Bus::connect(&settings).await.unwrap();
    bus.migrate(&weft_analytics::consumers(&config())).await.unwrap();
    bus
}

fn config() -> Config {
    Config { batch: 64 }
}

/// A tenant, seen through a replica by a person who may do everything.
pub(crate) struct Tenant<'a> {
    pub(crate) id: TenantId,
    rig: &'a Rig,
    channel: Channel,
}

impl Tenant<'_> {
    /// The same tenant, through another replica.
    pub(crate) fn through(&self, replica: &Replica) -> Self {
        Self { id: self.id, rig: self.rig, channel: replica.channel.clone() }
    }

    /// Publishes events in this order and waits until they are counted.
    pub(crate) async fn count(&self, events: Vec<Event>) {
        self.count_on(&self.rig.bus, events).await;
    }

    /// The same, on another bus.
    pub(crate) async fn count_on(&self, bus: &Bus, mut events: Vec<Event>) {
        // Events come in order, so with the last one all are there.
        let mark = story::named_channel(self.id);
        events.push(mark.event);
        bus.publish_all(Stream::Events, events).await.unwrap();
        self.wait_for_channel(&mark.name).await;
    }

    async fn wait_for_channel(&self, name: &str) {
        eventually("the events are counted", PATIENCE, async || {
            rows::channel_names(&self.rig.store, self.id)
                .await
                .iter()
                .any(|known| known == name)
                .then_some(())
        })
        .await;
    }

    /// All that is computed, as it is in the database.
    pub(crate) async fn rows(&self) -> Rows {
        rows::of(&self.rig.store, self.id).await
    }

    pub(crate) fn signed<T>(&self, message: T) -> Request<T> {
        let subject = weft_auth::Subject::User(id::new(), id::new());
        let token = story::token(&self.rig.signer, self.id, subject, Role::Admin);
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        request
    }

    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    pub(crate) async fn overview_of(&self, request: GetOverviewRequest) -> Result<Overview, Error> {
        let answer = AnalyticsClient::new(self.channel.clone()).get_overview(self.signed(request)).await;
        answer.map(tonic::Response::into_inner).map_err(|status| weft_rpc::error(&status))
    }

    /// The overview of the two weeks around [`noon`].
    pub(crate) async fn overview(&self) -> Overview {
        self.overview_of(around_noon()).await.unwrap()
    }

    /// Its figures.
    pub(crate) async fn total(&self) -> Figures {
        self.overview().await.total.unwrap()
    }

    pub(crate) async fn start_rebuild(&self, partial: bool) -> Result<Rebuild, Error> {
        let request = self.signed(StartRebuildRequest { partial });
        let answer = AnalyticsClient::new(self.channel.clone()).start_rebuild(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| weft_rpc::error(&status))
    }

    pub(crate) async fn last_rebuild(&self) -> Rebuild {
        let request = self.signed(GetRebuildRequest {});
        AnalyticsClient::new(self.channel.clone()).get_rebuild(request).await.unwrap().into_inner()
    }

    /// Rebuilds and waits for the end.
    pub(crate) async fn rebuild(&self, partial: bool) -> Rebuild {
        self.start_rebuild(partial).await.unwrap();
        self.rebuilt().await
    }

    pub(crate) async fn rebuilt(&self) -> Rebuild {
        eventually("the rebuild ends", PATIENCE, async || {
            Some(self.last_rebuild().await).filter(|rebuild| rebuild.state() != State::Running)
        })
        .await
    }
}

pub(crate) fn around_noon() -> GetOverviewRequest {
    GetOverviewRequest {
        from: Some(weft_proto::convert::timestamp(noon() - TimeDelta::days(7))),
        to: Some(weft_proto::convert::timestamp(noon() + TimeDelta::days(7))),
        ..GetOverviewRequest::default()
    }
}
