//! A small service's database to test with: one table of notes.
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use sea_orm_migration::{prelude::*, schema::*};
use tokio_util::sync::CancellationToken;
use weft_crypto::Kek;
use weft_domain::{SystemClock, TenantId, id};
use weft_store::{
    Outgoing, Pending, Settings, Store, Topic, Tx,
    migration::{base, secure_table},
    vault::Vault,
};
use weft_testkit::Database;

pub(crate) mod note {
    use sea_orm::entity::prelude::*;
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "note")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub text: String,
        pub secret: Option<Vec<u8>>,
    }
    impl ActiveModelBehavior for ActiveModel {}
    impl weft_store::TenantEntity for Entity {
        const TENANT: Column = Column::TenantId;
    }
}

pub(crate) struct Notes;

impl MigratorTrait for Notes {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = base();
        all.push(Box::new(First));
        all
    }
}

struct First;
impl MigrationName for First {
    fn name(&self) -> &'static str {
        "m0002_note"
    }
}
#[async_trait::async_trait]
impl MigrationTrait for First {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("note")
            .col(uuid("tenant_id"))
            .col(uuid("id"))
            .col(text("text"))
            .col(blob_null("secret"))
            .primary_key(Index::create().col("tenant_id").col("id"))
            .to_owned();
        manager.create_table(table).await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_note_text")
                    .table("note")
                    .col("tenant_id")
                    .col("text")
                    .unique()
                    .to_owned(),
            )
            .await?;
        secure_table(manager, "note").await
    }
}

/// What keeps a database alive for the time of a test.
pub(crate) enum Home {
    Folder(tempfile::TempDir),
    Postgres(Database),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) home: Home,
    pub(crate) kek: Arc<Kek>,
}

impl Fixture {
    pub(crate) async fn new(engine: Engine) -> Self {
        let home = match engine {
            Engine::Sqlite => Home::Folder(tempfile::tempdir().unwrap()),
            Engine::Postgres => Home::Postgres(weft_testkit::postgres().await.database().await),
        };
        let kek = Arc::new(Kek::generate());
        let store = open(&home, &kek).await;
        store.migrate::<Notes>().await.unwrap();
        Self { store, home, kek }
    }

    /// Does something to the database that the service may not.
    pub(crate) async fn as_owner(&self, sql: &str) {
        let url = match &self.home {
            Home::Folder(folder) => format!("sqlite://{}", folder.path().join("notes.db").display()),
            Home::Postgres(database) => database.owner_url.clone(),
        };
        let owner = sea_orm::Database::connect(url).await.unwrap();
        owner.execute_unprepared(sql).await.unwrap();
    }

    pub(crate) async fn again(&self) -> Store {
        open(&self.home, &self.kek).await
    }
}

async fn open(home: &Home, kek: &Arc<Kek>) -> Store {
    let settings = match home {
        Home::Folder(folder) => Settings::sqlite(folder.path()),
        Home::Postgres(database) => {
            Settings::postgres(&database.service_url, &database.owner_url, &database.system_url)
        }
    };
    Store::connect(&settings, "notes", Vault::new(kek.clone(), "notes"), Arc::new(SystemClock)).await.unwrap()
}

pub(crate) fn tenant() -> TenantId {
    id::new()
}

pub(crate) async fn add(tx: &Tx, text: &str) -> weft_domain::Result<uuid::Uuid> {
    use sea_orm::ActiveValue::Set;
    let row = note::ActiveModel {
        tenant_id: Set(uuid::Uuid::nil()),
        id: Set(uuid::Uuid::now_v7()),
        text: Set(text.to_owned()),
        secret: Set(None),
    };
    Ok(tx.insert(row).await?.id)
}

pub(crate) fn event(tx: &Tx, text: &str) {
    let user = weft_proto::events::v1::UserCreated {
        user: Some(weft_proto::directory::v1::User { name: text.to_owned(), ..Default::default() }),
    };
    tx.emit(Outgoing::event(tx.tenant(), "notes", text, &user).unwrap());
}

/// Everything a relay handed on, in order.
#[derive(Clone, Default)]
pub(crate) struct Sink(pub(crate) Arc<Mutex<Vec<Pending>>>, Arc<tokio::sync::Notify>);

impl Sink {
    pub(crate) fn accept(&self, events: Vec<Pending>) {
        self.0.lock().unwrap().extend(events);
        self.1.notify_one();
    }

    pub(crate) async fn wait_for(&self, count: usize) -> Vec<String> {
        let all = tokio::time::timeout(std::time::Duration::from_secs(20), async {
            loop {
                let keys: Vec<String> =
                    self.0.lock().unwrap().iter().map(|event| event.key.clone()).collect();
                if keys.len() >= count {
                    return keys;
                }
                self.1.notified().await;
            }
        });
        all.await.unwrap()
    }
}

pub(crate) fn spawn_relay(store: &Store, sink: &Sink) -> (CancellationToken, tokio::task::JoinHandle<()>) {
    let stop = CancellationToken::new();
    let (store, sink, token) = (store.clone(), sink.clone(), stop.clone());
    #[expect(clippy::disallowed_methods, reason = "a test")]
    let task = tokio::spawn(async move {
        let sink = &sink;
        store
            .relay(
                |events| async move {
                    sink.accept(events);
                    Ok(())
                },
                token,
            )
            .await
            .unwrap();
    });
    (stop, task)
}

pub(crate) fn assert_body(pending: &Pending) {
    assert_eq!(pending.topic, Topic::Events);
    assert_ne!(pending.body, Bytes::new());
}
