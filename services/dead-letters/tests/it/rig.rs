use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, Database as Connect, DatabaseConnection, Statement};
use tonic::{Request, Status, transport::Channel};
use weft_auth::{Authority, FleetIdentity, Principal, Signer, Subject};
use weft_bus::{Bus, ConsumerSpec, Delivery, Event, NewDeadLetter, Outcome, Stream};
use weft_crypto::Kek;
use weft_dead_letters::{Config, Deps, Migrator, start};
use weft_domain::{Clock, Role, SystemClock, TenantId, id};
use weft_proto::{
    convert::time,
    dead_letters::v1::{
        DeadLetter, DiscardDeadLetterRequest, GetDeadLetterRequest, ListDeadLettersRequest,
        ReplayDeadLetterRequest, dead_letters_client::DeadLettersClient,
    },
};
use weft_rpc::{Channels, Server};
use weft_runtime::{Lifecycle, StopTimes};
use weft_store::{Settings, Store, vault::Vault};
use weft_testkit::{Database, Nats, TempDir, eventually, temp_dir};

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// What nothing but a sealed column may hold.
pub(crate) const WORDS: &str = "my card is 4111 1111 1111 1111";

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Engines {
    /// SQLite, the embedded bus.
    Embedded,
    /// PostgreSQL, the embedded bus.
    Mixed,
    /// PostgreSQL, JetStream.
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

/// What outlives a replica.
pub(crate) struct Home {
    pub(crate) folder: TempDir,
    pub(crate) database: Option<Database>,
    pub(crate) bus: Bus,
    pub(crate) nats: Option<Nats>,
    pub(crate) clock: Arc<TestClock>,
    kek: Arc<Kek>,
    signer: Arc<Signer>,
}

/// One replica at work.
pub(crate) struct Replica {
    channel: Channel,
    signer: Arc<Signer>,
    lifecycle: Lifecycle,
}

/// Somebody who signed in.
pub(crate) struct Person {
    pub(crate) tenant: TenantId,
    role: Role,
    client: DeadLettersClient<Channel>,
    signer: Arc<Signer>,
}

/// Another service: it can handle nothing until it is mended, and applies an event once.
#[derive(Default)]
pub(crate) struct Work {
    mended: AtomicBool,
    /// What had an effect, in this order.
    applied: Mutex<Vec<String>>,
    /// How often each came while mended.
    seen: Mutex<BTreeMap<String, usize>>,
}

impl Home {
    pub(crate) async fn new(engines: Engines) -> Self {
        let folder = temp_dir();
        let (mut database, mut nats) = (None, None);
        if engines != Engines::Embedded {
            database = Some(weft_testkit::postgres().await.database().await);
        }
        let mut url = format!("embedded:{}", folder.path().join("bus").display());
        if engines == Engines::Real {
            let server = Nats::start().await;
            url = server.url();
            nats = Some(server);
        }
        let settings = weft_bus::Settings { publish_timeout_ms: 5_000, ..weft_bus::Settings::at(url) };
        let bus = Bus::connect(&settings).await.unwrap();
        bus.migrate(&[work_spec()]).await.unwrap();
        let home = Self {
            folder,
            database,
            bus,
            nats,
            clock: Arc::default(),
            kek: Arc::new(Kek::generate()),
            signer: Arc::new(Signer::new("k", &Signer::generate().unwrap()).unwrap()),
        };
        home.store().await.migrate::<Migrator>().await.unwrap();
        home
    }

    pub(crate) async fn store(&self) -> Store {
        let settings = match &self.database {
            None => Settings::sqlite(self.folder.path()),
            Some(database) => {
                Settings::postgres(&database.service_url, &database.owner_url, &database.system_url)
            }
        };
        let vault = Vault::new(self.kek.clone(), "dead-letters");
        Store::connect(&settings, "dead-letters", vault, self.clock.clone()).await.unwrap()
    }

    pub(crate) async fn replica(&self) -> Replica {
        self.replica_with(100).await
    }

    pub(crate) async fn replica_with(&self, replays_per_second: u32) -> Replica {
        let lifecycle = Lifecycle::new(StopTimes::LAPTOP);
        let identity = FleetIdentity::new("dead-letters", &"f".repeat(32).into()).unwrap();
        let authority = Authority::new(identity, Arc::new(SystemClock));
        authority.set_keys(&[self.signer.public().clone()]);
        let config = Config { replays_per_second, keep_days: 30 };
        let (store, bus) = (self.store().await, self.bus.clone());
        let started = start(Deps { store, bus, config, lifecycle: lifecycle.clone() }).await.unwrap();
        let mut channels = Channels::default();
        let incoming = channels.local("dead-letters");
        let work = lifecycle.work();
        let server = Server::new(started.grpc, authority);
        work.spawn("grpc", server.serve_local(incoming, work.stop_token().cancelled_owned()));
        Replica { channel: channels.to("dead-letters").unwrap(), signer: self.signer.clone(), lifecycle }
    }

    /// A service at work on `IN`, in this test's tasks.
    pub(crate) async fn work(&self, replica: &Replica) -> Arc<Work> {
        let work = Arc::new(Work::default());
        for part in self.bus.consume(&work_spec()).await.unwrap() {
            let (work, tasks) = (work.clone(), replica.lifecycle.intake());
            let stop = tasks.stop_token();
            tasks.spawn_critical("work", async move {
                part.run(stop, async |batch: Vec<Delivery>| {
                    batch.iter().map(|delivery| work.handle(&delivery.event)).collect()
                })
                .await
            });
        }
        work
    }

    /// The database with all rights.
    pub(crate) async fn administrator(&self) -> DatabaseConnection {
        let Some(database) = &self.database else {
            let file = self.folder.path().join("dead-letters.db");
            return Connect::connect(format!("sqlite://{}", file.display())).await.unwrap();
        };
        let url = format!("{}?options=-csearch_path%3Ddead-letters", database.owner_url);
        let connection = Connect::connect(url).await.unwrap();
        // Row-level security binds even who owns the table, and its administrator can lift it.
        for table in ["dead_letter", "dead_body"] {
            let lift = format!("ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY");
            connection.execute_unprepared(&lift).await.unwrap();
        }
        connection
    }

    pub(crate) async fn count(&self, tenant: TenantId, of: &str) -> i64 {
        let database = self.administrator().await;
        let backend = database.get_database_backend();
        let id = match self.database {
            None => format!("x'{}'", tenant.uuid().simple()),
            Some(_) => format!("'{}'", tenant.uuid()),
        };
        let query =
            Statement::from_string(backend, format!("SELECT count(*) AS n FROM {of} WHERE tenant_id = {id}"));
        database.query_one_raw(query).await.unwrap().unwrap().try_get("", "n").unwrap()
    }

    pub(crate) async fn until_the_bus_has_none(&self) {
        eventually("the bus has no letters", PATIENCE, async || {
            self.bus.dead_letters(0, 1).await.unwrap().is_empty().then_some(())
        })
        .await;
    }

    pub(crate) fn bus_file(&self) -> PathBuf {
        self.folder.path().join("bus").join("bus.db")
    }
}

impl Replica {
    pub(crate) fn person(&self, tenant: TenantId, role: Role) -> Person {
        let client = DeadLettersClient::new(self.channel.clone());
        Person { tenant, role, client, signer: self.signer.clone() }
    }

    pub(crate) fn admin(&self, tenant: TenantId) -> Person {
        self.person(tenant, Role::Admin)
    }

    pub(crate) async fn stop(self) {
        self.lifecycle.stop().await.unwrap();
    }
}

impl Person {
    pub(crate) fn call<M>(&self, message: M) -> Request<M> {
        let principal = Principal {
            tenant: self.tenant,
            subject: Subject::User(id::new(), id::new()),
            role: self.role,
            scopes: None,
            issued_at: Utc::now(),
        };
        let token = self.signer.sign(&principal).unwrap();
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        request
    }

    pub(crate) fn api(&self) -> DeadLettersClient<Channel> {
        self.client.clone()
    }

    pub(crate) async fn list(&self, request: ListDeadLettersRequest) -> Vec<DeadLetter> {
        self.api().list_dead_letters(self.call(request)).await.unwrap().into_inner().items
    }

    pub(crate) async fn all(&self) -> Vec<DeadLetter> {
        self.list(ListDeadLettersRequest { page_size: 200, ..Default::default() }).await
    }

    /// The letters once there are so many.
    pub(crate) async fn until(&self, count: usize) -> Vec<DeadLetter> {
        eventually(&format!("{count} letters"), PATIENCE, async || {
            let letters = self.all().await;
            assert!(letters.len() <= count, "{letters:#?}");
            (letters.len() == count).then_some(letters)
        })
        .await
    }

    /// Waits until there are no more than so many letters.
    pub(crate) async fn until_at_most(&self, count: usize) {
        eventually(&format!("{count} letters are left"), PATIENCE, async || {
            (self.all().await.len() <= count).then_some(())
        })
        .await;
    }

    pub(crate) async fn show(&self, id: &str) -> Result<DeadLetter, Status> {
        let request = GetDeadLetterRequest { id: id.to_owned(), tenant: None };
        self.api().get_dead_letter(self.call(request)).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn replay(&self, id: &str) -> Result<DeadLetter, Status> {
        let request = ReplayDeadLetterRequest { id: id.to_owned(), tenant: None };
        self.api().replay_dead_letter(self.call(request)).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn discard(&self, id: &str, why: &str) -> Result<DeadLetter, Status> {
        let request = DiscardDeadLetterRequest { id: id.to_owned(), why: why.to_owned(), tenant: None };
        self.api().discard_dead_letter(self.call(request)).await.map(tonic::Response::into_inner)
    }
}

impl Work {
    fn handle(&self, event: &Event) -> Outcome {
        if !self.mended.load(Ordering::Relaxed) {
            return Outcome::Dead { reason: "broken".into(), words: "it is broken".into() };
        }
        let mut seen = self.seen.lock().unwrap();
        let times = seen.entry(event.id.clone()).or_default();
        *times += 1;
        if *times == 1 {
            self.applied.lock().unwrap().push(event.id.clone());
        }
        Outcome::Done
    }

    pub(crate) fn mend(&self) {
        self.mended.store(true, Ordering::Relaxed);
    }

    pub(crate) fn applied(&self) -> Vec<String> {
        self.applied.lock().unwrap().clone()
    }

    /// How often an event came once the service was mended.
    pub(crate) fn times(&self, id: &str) -> usize {
        self.seen.lock().unwrap().get(id).copied().unwrap_or_default()
    }

    pub(crate) async fn until_applied(&self, id: &str) {
        eventually(&format!("{id} is applied"), PATIENCE, async || {
            self.applied().iter().any(|applied| applied == id).then_some(())
        })
        .await;
    }
}

fn work_spec() -> ConsumerSpec {
    ConsumerSpec::new("work", Stream::In, &["weft.in.>"])
}

/// Something that came from outside, with words in it that nobody else is to read.
pub(crate) fn event(tenant: TenantId, id: &str) -> Event {
    Event {
        id: id.to_owned(),
        kind: "weft.v1.test.happened".to_owned(),
        source: "/channel-echo".to_owned(),
        subject: format!("weft.in.{tenant}.echo"),
        key: format!("+49 170 555 {tenant}"),
        tenant: Some(tenant.to_string()),
        time: "2026-03-01T10:00:00.123456Z".parse().unwrap(),
        traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()),
        tracestate: None,
        data: format!(r#"{{"text":"{WORDS}"}}"#).into(),
    }
}

/// A webhook nobody could read.
pub(crate) fn unreadable(tenant: Option<TenantId>, id: &str) -> NewDeadLetter {
    let subject = "weft.hooks.echo".to_owned();
    NewDeadLetter {
        source: "channel-echo".to_owned(),
        reason: "unreadable_call".to_owned(),
        words: "not JSON".to_owned(),
        attempts: 1,
        stream: None,
        event: Event {
            subject,
            key: String::new(),
            tenant: tenant.map(|tenant| tenant.to_string()),
            data: vec![0, 159, 146, 150].into(),
            ..event(id::new(), id)
        },
    }
}

/// When a letter was given up.
pub(crate) fn last(letter: &DeadLetter) -> DateTime<Utc> {
    letter.last_at.as_ref().and_then(time).unwrap()
}

/// Why a call was refused.
pub(crate) fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    weft_rpc::error(&answer.unwrap_err()).reason().to_owned()
}
