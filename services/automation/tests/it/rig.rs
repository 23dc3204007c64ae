use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use tonic::transport::Channel;
use weft_auth::{Authority, FleetIdentity, Signer};
use weft_automation::{Config, Deps, Migrator, consumers, start};
use weft_bus::{Bus, Event, Stream};
use weft_crypto::{ExposeSecret, Kek};
use weft_domain::{Clock, SystemClock, TenantId};
use weft_rpc::{Channels, Server};
use weft_runtime::{Lifecycle, StopTimes};
use weft_store::{Pending, Settings, Store, vault::Vault};
use weft_testkit::{Nats, TempDir, temp_dir};

use crate::talks::Talks;

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// What somebody takes who says nothing of it.
pub(crate) const USUAL: u32 = 3;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Engine {
    /// A SQLite file and the embedded bus.
    Sqlite,
    /// PostgreSQL and the embedded bus.
    Postgres,
    /// PostgreSQL and NATS.
    JetStream,
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

/// The service with a bus, a database and a conversation service of its own.
pub(crate) struct Rig {
    pub(crate) talks: Talks,
    pub(crate) signer: Signer,
    pub(crate) bus: Bus,
    pub(crate) replicas: Vec<Replica>,
    pub(crate) settings: Settings,
    pub(crate) clock: Arc<TestClock>,
    kek: Arc<Kek>,
    bus_settings: weft_bus::Settings,
    is_embedded: bool,
    _nats: Option<Nats>,
    folder: TempDir,
}

/// One running replica.
pub(crate) struct Replica {
    pub(crate) channel: Channel,
    pub(crate) authority: Authority,
    pub(crate) lifecycle: Lifecycle,
}

impl Rig {
    /// One replica at work.
    pub(crate) async fn new(engine: Engine) -> Self {
        let mut rig = Self::idle(engine).await;
        rig.start_replica().await;
        rig
    }

    /// All but a replica.
    pub(crate) async fn idle(engine: Engine) -> Self {
        let folder = temp_dir();
        let (nats, url) = match engine {
            Engine::JetStream => {
                let nats = Nats::start().await;
                let url = nats.url();
                (Some(nats), url)
            }
            _ => (None, format!("embedded:{}", folder.path().join("bus").display())),
        };
        let bus_settings = weft_bus::Settings { publish_timeout_ms: 20_000, ..weft_bus::Settings::at(url) };
        let bus = Bus::connect(&bus_settings).await.unwrap();
        bus.migrate(&consumers()).await.unwrap();
        let settings = match engine {
            Engine::Sqlite => Settings::sqlite(folder.path()),
            _ => {
                let database = weft_testkit::postgres().await.database().await;
                Settings::postgres(&database.service_url, &database.owner_url, &database.system_url)
            }
        };
        let rig = Self {
            talks: Talks::new(bus.clone()),
            signer: Signer::new("k1", &Signer::generate().unwrap()).unwrap(),
            bus,
            replicas: Vec::new(),
            settings,
            clock: Arc::default(),
            kek: Arc::new(Kek::generate()),
            bus_settings,
            is_embedded: engine != Engine::JetStream,
            _nats: nats,
            folder,
        };
        rig.store().await.migrate::<Migrator>().await.unwrap();
        rig
    }

    async fn store(&self) -> Store {
        let vault = Vault::new(self.kek.clone(), "automation");
        Store::connect(&self.settings, "automation", vault, self.clock.clone()).await.unwrap()
    }

    /// Another replica on the same database and bus.
    pub(crate) async fn start_replica(&mut self) {
        let store = self.store().await;
        // The embedded bus is one per process.
        let bus = match self.is_embedded {
            true => self.bus.clone(),
            false => Bus::connect(&self.bus_settings).await.unwrap(),
        };
        let identity = FleetIdentity::new("automation", &"x".repeat(32).into()).unwrap();
        let authority = Authority::new(identity, Arc::new(SystemClock));
        authority.set_keys(&[self.signer.public().clone()]);
        let lifecycle = Lifecycle::new(StopTimes::LAPTOP);
        let intake = lifecycle.intake();
        let mut channels = Channels::default();
        let (incoming, to_talks) = (channels.local("automation"), channels.local("conversation"));
        let talks = Server::new(self.talks.routes(), authority.clone());
        lifecycle
            .flush()
            .spawn("talks", talks.serve_local(to_talks, lifecycle.flush().stop_token().cancelled_owned()));
        let started = start(Deps {
            store: store.clone(),
            bus: bus.clone(),
            authority: authority.clone(),
            channels: channels.clone(),
            config: Config { default_capacity: USUAL },
            lifecycle: lifecycle.clone(),
        })
        .await
        .unwrap();
        let server = Server::new(started.grpc, authority.clone());
        intake.spawn("server", server.serve_local(incoming, intake.stop_token().cancelled_owned()));
        let stop = lifecycle.flush().stop_token();
        lifecycle.flush().spawn("relay", async move {
            let bus = &bus;
            let publish = |pending: Vec<Pending>| async move {
                bus.publish_all(Stream::Events, pending.into_iter().filter_map(event).collect())
                    .await
                    .map(drop)
            };
            store.relay(publish, stop).await
        });
        let channel = channels.to("automation").unwrap();
        self.replicas.push(Replica { channel, authority, lifecycle });
    }

    /// The service's database, past the service.
    pub(crate) async fn database(&self) -> DatabaseConnection {
        let url = match self.settings.system_url.expose_secret() {
            "" => format!("sqlite:{}", PathBuf::from(self.folder.path()).join("automation.db").display()),
            url => format!("{url}?options=-csearch_path%3Dautomation"),
        };
        Database::connect(url).await.unwrap()
    }

    /// So many more automatic answers like each that there is, due as an SQL expression says.
    pub(crate) async fn copy_answers(&self, count: u32, due_at: &str) {
        let database = self.database().await;
        let is_sqlite = database.get_database_backend() == DbBackend::Sqlite;
        let new = if is_sqlite { "randomblob(16)" } else { "gen_random_uuid()" };
        let sql = format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
             INSERT INTO auto_answer (tenant_id, conversation_id, reply_id, id, seq, decided_at, due_at, attempts, said_at) \
             SELECT tenant_id, {new}, reply_id, {new}, seq, decided_at, {due_at}, 0, said_at FROM auto_answer CROSS JOIN n"
        );
        database.execute_unprepared(&sql).await.unwrap();
    }

    /// From now on the database fails to `UPDATE`, or `DELETE`, automatic answers of a tenant.
    pub(crate) async fn jam(&self, change: &str, tenant: TenantId) {
        let tenant = tenant.uuid();
        if self.settings.owner_url.expose_secret().is_empty() {
            let sql = format!(
                "CREATE TRIGGER jam BEFORE {change} ON auto_answer WHEN hex(OLD.tenant_id) = '{:X}' \
                 BEGIN SELECT RAISE(ABORT, 'jammed'); END",
                tenant.simple()
            );
            self.database().await.execute_unprepared(&sql).await.unwrap();
            return;
        }
        let owner = Database::connect(self.settings.owner_url.expose_secret()).await.unwrap();
        let sql = format!(
            "CREATE FUNCTION automation.jam() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'jammed'; END $$; \
             CREATE TRIGGER jam BEFORE {change} ON automation.auto_answer FOR EACH ROW \
             WHEN (OLD.tenant_id = '{tenant}') EXECUTE FUNCTION automation.jam()"
        );
        owner.execute_unprepared(&sql).await.unwrap();
    }

    /// Waits until a count over the service's tables is as expected.
    pub(crate) async fn until_count(&self, sql: &str, expected: i64) {
        let database = self.database().await;
        let query = Statement::from_string(
            database.get_database_backend(),
            format!("SELECT count(*) AS n FROM {sql}"),
        );
        weft_testkit::eventually(&format!("{expected} of {sql}"), PATIENCE, async || {
            let row = database.query_one_raw(query.clone()).await.unwrap().unwrap();
            (row.try_get::<i64>("", "n").unwrap() == expected).then_some(())
        })
        .await;
    }

    /// Waits until so many conversations are known, all have been dealt with, and so many of them wait.
    pub(crate) async fn until_settled(&self, known: i64, waiting: i64) {
        self.until_count("conversation", known).await;
        self.until_count("conversation WHERE due_at IS NOT NULL", 0).await;
        self.until_count("conversation WHERE waiting", waiting).await;
    }

    /// Checks that the counted load of everybody is what they have.
    pub(crate) async fn assert_loads_are_true(&self) {
        let wrong = "agent WHERE open <> (SELECT count(*) FROM conversation WHERE \
            conversation.tenant_id = agent.tenant_id AND coalesce(assignee, chosen) = agent.id \
            AND conversation.status NOT IN ('resolved', 'closed'))";
        self.until_count(wrong, 0).await;
    }
}

fn event(pending: Pending) -> Option<Event> {
    let event = Event {
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
    };
    event.subject.starts_with(Stream::Events.prefix()).then_some(event)
}
