use std::{path::PathBuf, sync::Arc};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, TransactionTrait};
use sea_orm_migration::MigratorTrait;
use secrecy::ExposeSecret;
use tokio::sync::Notify;
use weft_domain::{Clock, Error, Result, TenantId};

use crate::{
    Purpose, Scope, Settings, SystemTx,
    connect::{self, Limits},
    from_db, metering,
    vault::Vault,
    writer::Writer,
};

/// One service's database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) service: String,
    pub(crate) engine: Engine,
    pub(crate) outbox_ready: Notify,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) vault: Vault,
    settings: Settings,
}

pub(crate) enum Engine {
    Sqlite { writer: Writer, readers: DatabaseConnection },
    Postgres { service: DatabaseConnection, system: DatabaseConnection },
}

impl Store {
    /// Opens the database of `service`. On SQLite this is the file `<folder>/<service>.db`.
    pub async fn connect(
        settings: &Settings,
        service: &str,
        vault: Vault,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        metering::describe(service);
        let url = settings.url.expose_secret();
        let engine = match sqlite_folder(url) {
            Some(folder) => {
                let file = folder.join(format!("{service}.db"));
                let writer = Writer::new(connect::sqlite(&file, 1, settings).await?);
                Engine::Sqlite {
                    writer,
                    readers: connect::sqlite(&file, settings.max_connections, settings).await?,
                }
            }
            None if url.starts_with("postgres") => Engine::Postgres {
                service: connect::postgres(
                    url,
                    service,
                    settings.max_connections,
                    settings,
                    Limits::of_work(settings),
                )
                .await?,
                system: connect::postgres(
                    or(settings.system_url.expose_secret(), url),
                    service,
                    3,
                    settings,
                    Limits::of_work(settings),
                )
                .await?,
            },
            None => {
                return Err(Error::invalid_field("store.url", "must start with `sqlite:` or `postgres://`"));
            }
        };
        Ok(Self {
            inner: Arc::new(Inner {
                service: service.to_owned(),
                engine,
                outbox_ready: Notify::new(),
                clock,
                vault,
                settings: settings.clone(),
            }),
        })
    }

    /// Brings the schema up to date. Any number of replicas may call it at once.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<()> {
        match &self.inner.engine {
            Engine::Sqlite { writer, .. } => M::up(writer.connection(), None).await.map_err(from_db),
            Engine::Postgres { .. } => self.migrate_postgres::<M>().await.map_err(from_db),
        }
    }

    async fn migrate_postgres<M: MigratorTrait>(&self) -> std::result::Result<(), sea_orm::DbErr> {
        let settings = &self.inner.settings;
        let url = or(settings.owner_url.expose_secret(), settings.url.expose_secret());
        let service = &self.inner.service;
        let open = |error: Error| sea_orm::DbErr::Custom(error.to_string());
        let owner =
            connect::postgres(url, service, 2, settings, Limits::of_migrations()).await.map_err(open)?;
        // The migrator takes no lock itself. The lock's transaction holds one connection, the migrator uses the other.
        let guard = owner.begin().await?;
        guard
            .execute_unprepared(&format!("SELECT pg_advisory_xact_lock(hashtext('weft:{service}'))"))
            .await?;
        owner.execute_unprepared(&format!("CREATE SCHEMA IF NOT EXISTS \"{service}\"")).await?;
        for role in [crate::migration::SERVICE_ROLE, crate::migration::SYSTEM_ROLE] {
            owner.execute_unprepared(&format!("GRANT USAGE ON SCHEMA \"{service}\" TO {role}")).await?;
        }
        M::up(&owner, None).await?;
        guard.commit().await?;
        owner.close().await
    }

    /// The door to one tenant's rows.
    pub fn tenant(&self, tenant: TenantId) -> Scope {
        Scope::new(self.clone(), tenant)
    }

    /// Work across tenants, for one of the few purposes there are.
    pub async fn system(&self, purpose: Purpose) -> Result<SystemTx> {
        SystemTx::begin(self, purpose).await
    }

    /// Whether the database answers.
    pub async fn healthy(&self) -> bool {
        let connection = match &self.inner.engine {
            Engine::Sqlite { readers, .. } => readers,
            Engine::Postgres { service, .. } => service,
        };
        connection.execute_unprepared("SELECT 1").await.is_ok()
    }

    /// Whether this store is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.backend() == DbBackend::Postgres
    }

    pub(crate) fn backend(&self) -> DbBackend {
        match &self.inner.engine {
            Engine::Sqlite { .. } => DbBackend::Sqlite,
            Engine::Postgres { .. } => DbBackend::Postgres,
        }
    }

    /// The clock that rows are stamped by.
    pub fn clock(&self) -> &dyn Clock {
        self.inner.clock.as_ref()
    }

    /// Closes all connections after what is running has finished.
    pub async fn close(&self) -> Result<()> {
        match &self.inner.engine {
            Engine::Sqlite { writer, readers } => {
                writer.close().await?;
                readers.close_by_ref().await.map_err(from_db)
            }
            Engine::Postgres { service, system } => {
                service.close_by_ref().await.map_err(from_db)?;
                system.close_by_ref().await.map_err(from_db)
            }
        }
    }
}

fn sqlite_folder(url: &str) -> Option<PathBuf> {
    url.strip_prefix("sqlite:").map(PathBuf::from)
}

fn or<'a>(first: &'a str, second: &'a str) -> &'a str {
    if first.is_empty() { second } else { first }
}
