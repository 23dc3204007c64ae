use std::{path::PathBuf, sync::Arc, time::Duration};

use chrono::{SubsecRound, Utc};
use sea_orm::{ConnectionTrait, Database as Connect, DatabaseConnection, Statement, Value};
use tonic::{Request, transport::Channel};
use uuid::Uuid;
use weft_auth::{Authority, FleetIdentity, Principal, Signer, Subject};
use weft_bus::{Bus, Event, Stream};
use weft_compliance::{Config, Deps, Migrator, consumers, start};
use weft_crypto::Kek;
use weft_domain::{Role, SystemClock, TenantId, id};
use weft_proto::{
    compliance::v1::{
        AuditEntry, AuditRecord, Checkpoint, ExportAuditLogRequest, ListAuditLogRequest,
        ListAuditLogResponse, ListCheckpointsRequest, audit_log_client::AuditLogClient,
        audit_record::Personal,
    },
    convert::timestamp,
    json,
};
use weft_rpc::{Channels, Server};
use weft_runtime::{Lifecycle, StopTimes};
use weft_store::{Settings, Store, vault::Vault};
use weft_testkit::{Database, Nats, TempDir, eventually, temp_dir};

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Engines {
    /// SQLite, the embedded bus.
    Embedded,
    /// PostgreSQL, JetStream.
    Real,
}

/// What outlives a replica.
pub(crate) struct Home {
    pub(crate) folder: TempDir,
    pub(crate) database: Option<Database>,
    pub(crate) kek: Arc<Kek>,
    pub(crate) bus: Bus,
    _nats: Option<Nats>,
}

/// One replica at work.
pub(crate) struct Replica {
    channel: Channel,
    signer: Signer,
    pub(crate) lifecycle: Lifecycle,
}

impl Home {
    pub(crate) async fn new(engines: Engines) -> Self {
        let folder = temp_dir();
        let (mut database, mut nats) = (None, None);
        let url = match engines {
            Engines::Embedded => format!("embedded:{}", folder.path().join("bus").display()),
            Engines::Real => {
                database = Some(weft_testkit::postgres().await.database().await);
                let server = Nats::start().await;
                let url = server.url();
                nats = Some(server);
                url
            }
        };
        let bus = open_bus(url).await;
        let home = Self { folder, database, kek: Arc::new(Kek::generate()), bus, _nats: nats };
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
        let vault = Vault::new(self.kek.clone(), "compliance");
        Store::connect(&settings, "compliance", vault, Arc::new(SystemClock)).await.unwrap()
    }

    pub(crate) fn checkpoints(&self) -> PathBuf {
        self.folder.path().join("audit-checkpoints")
    }

    pub(crate) async fn replica(&self) -> Replica {
        self.replica_on(self.bus.clone(), |_| {}).await
    }

    pub(crate) async fn replica_on(&self, bus: Bus, change: impl FnOnce(&mut Config)) -> Replica {
        let mut config = Config {
            checkpoint_folder: self.checkpoints(),
            checkpoint_seconds: 3600,
            checkpoint_entries: 1_000_000,
        };
        change(&mut config);
        let lifecycle = Lifecycle::new(StopTimes::LAPTOP);
        let identity = FleetIdentity::new("compliance", &"f".repeat(32).into()).unwrap();
        let authority = Authority::new(identity, Arc::new(SystemClock));
        let signer = Signer::new("k", &Signer::generate().unwrap()).unwrap();
        authority.set_keys(&[signer.public().clone()]);
        let store = self.store().await;
        let deps = Deps { store, bus, kek: self.kek.clone(), config, lifecycle: lifecycle.clone() };
        let started = start(deps).await.unwrap();
        let mut channels = Channels::default();
        let incoming = channels.local("compliance");
        let work = lifecycle.work();
        let server = Server::new(started.grpc, authority);
        work.spawn("grpc", server.serve_local(incoming, work.stop_token().cancelled_owned()));
        Replica { channel: channels.to("compliance").unwrap(), signer, lifecycle }
    }

    /// The database with the rights of its administrator.
    pub(crate) async fn administrator(&self) -> DatabaseConnection {
        match &self.database {
            None => {
                let file = self.folder.path().join("compliance.db");
                Connect::connect(format!("sqlite://{}", file.display())).await.unwrap()
            }
            Some(database) => {
                let connection = Connect::connect(&database.owner_url).await.unwrap();
                // Row-level security binds even who owns the table, and its administrator can lift it.
                for table in ["audit_entry", "audit_object", "audit_checkpoint"] {
                    let lift = format!("ALTER TABLE compliance.{table} NO FORCE ROW LEVEL SECURITY");
                    connection.execute_unprepared(&lift).await.unwrap();
                }
                connection
            }
        }
    }

    /// Does something to the log that the service may not.
    pub(crate) async fn tamper(&self, sql: &str, values: Vec<Value>) {
        let connection = self.administrator().await;
        let backend = connection.get_database_backend();
        let sql = match self.database {
            None => sql.to_owned(),
            Some(_) => sql.replace("audit_", "compliance.audit_"),
        };
        let done =
            connection.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.unwrap();
        assert_ne!(done.rows_affected(), 0);
    }
}

/// Another way by which records can come; real buses share streams.
pub(crate) async fn open_bus(url: String) -> Bus {
    let settings = weft_bus::Settings { publish_timeout_ms: 20_000, ..weft_bus::Settings::at(url) };
    let bus = Bus::connect(&settings).await.unwrap();
    bus.migrate(&consumers()).await.unwrap();
    bus
}

impl Replica {
    pub(crate) async fn stop(self) {
        self.lifecycle.stop().await.unwrap();
    }

    pub(crate) fn call<M>(&self, tenant: TenantId, role: Role, message: M) -> Request<M> {
        let principal = Principal {
            tenant,
            subject: Subject::User(id::new(), id::new()),
            role,
            scopes: None,
            issued_at: Utc::now(),
        };
        let token = self.signer.sign(&principal).unwrap();
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        request
    }

    pub(crate) fn log(&self) -> AuditLogClient<Channel> {
        AuditLogClient::new(self.channel.clone())
    }

    pub(crate) async fn list(&self, tenant: TenantId, request: ListAuditLogRequest) -> ListAuditLogResponse {
        let call = self.call(tenant, Role::Admin, request);
        self.log().list_audit_log(call).await.unwrap().into_inner()
    }

    /// The whole log of a tenant, page by page.
    pub(crate) async fn export(&self, tenant: TenantId) -> Vec<AuditEntry> {
        let (mut entries, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ExportAuditLogRequest { page_size: 700, page_token, tenant: None };
            let call = self.call(tenant, Role::Admin, request);
            let page = self.log().export_audit_log(call).await.unwrap().into_inner();
            entries.extend(page.items);
            if page.next_page_token.is_empty() {
                return entries;
            }
            page_token = page.next_page_token;
        }
    }

    /// The log once it has so many entries.
    pub(crate) async fn export_of(&self, tenant: TenantId, size: usize) -> Vec<AuditEntry> {
        eventually("the records are chained", PATIENCE, async || {
            let entries = self.export(tenant).await;
            (entries.len() >= size).then_some(entries)
        })
        .await
    }

    pub(crate) async fn checkpoints_of(&self, tenant: TenantId, size: u64) -> Vec<Checkpoint> {
        eventually("the checkpoint is written", PATIENCE, async || {
            let request = ListCheckpointsRequest::default();
            let call = self.call(tenant, Role::Admin, request);
            let page = self.log().list_checkpoints(call).await.unwrap().into_inner();
            page.items.last().is_some_and(|last| last.size >= size).then_some(page.items)
        })
        .await
    }
}

pub(crate) fn record(user: &str, action: &str) -> AuditRecord {
    AuditRecord {
        at: Some(timestamp(Utc::now().trunc_subsecs(6))),
        actor: user.to_owned(),
        user: user.to_owned(),
        action: action.to_owned(),
        personal: vec![Personal { name: "address".to_owned(), value: "192.0.2.7".to_owned() }],
        ..AuditRecord::default()
    }
}

/// A record on its way, as a service's relay sends it.
pub(crate) fn event(tenant: TenantId, record: &AuditRecord) -> Event {
    Event {
        id: Uuid::now_v7().to_string(),
        kind: "weft.v1.audit.recorded".to_owned(),
        source: "/directory".to_owned(),
        subject: format!("weft.audit.{tenant}"),
        key: tenant.to_string(),
        tenant: Some(tenant.to_string()),
        time: Utc::now(),
        traceparent: None,
        tracestate: None,
        data: json::encode(record).unwrap(),
    }
}

pub(crate) async fn publish(bus: &Bus, events: Vec<Event>) {
    bus.publish_all(Stream::Audit, events).await.unwrap();
}

pub(crate) fn numbered(tenant: TenantId, count: usize) -> Vec<Event> {
    (0..count).map(|number| event(tenant, &record("user_a", &format!("test.{number}")))).collect()
}

pub(crate) fn public_key(home: &Home) -> Vec<String> {
    vec![weft_compliance::public_key(&home.kek).unwrap()]
}
