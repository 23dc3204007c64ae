use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use prost::Message;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, TransactionTrait};
use weft_domain::{Error, ErrorCode, Result, TenantId};
use weft_proto::Intent;

use crate::{
    Once, Store, Tx,
    error::is_worth_repeating,
    from_db, idempotency, metering,
    store::Engine,
    tx::{Connection, Failure},
};

/// The longest a closure may hold the writer's turn.
const TURN: Duration = Duration::from_secs(10);

/// A table whose rows belong to tenants: its primary key starts with the tenant.
pub trait TenantEntity: EntityTrait {
    /// The column that holds the tenant.
    const TENANT: Self::Column;
}

/// The door to one tenant's rows.
#[derive(Clone)]
pub struct Scope {
    store: Store,
    tenant: TenantId,
}

impl Scope {
    pub(crate) fn new(store: Store, tenant: TenantId) -> Self {
        Self { store, tenant }
    }

    /// Runs queries that see one state of the database and change nothing.
    pub async fn read<T, F, Fut>(&self, work: F) -> Result<T>
    where
        F: FnOnce(Tx) -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        match &self.store.inner.engine {
            Engine::Sqlite { readers, .. } => {
                work(Tx::new(&self.store, self.tenant, Connection::Reader(readers.clone()))).await
            }
            Engine::Postgres { service, .. } => {
                let begun = metering::waited(&self.store.inner.service, service.begin()).await;
                let transaction = begun.map_err(from_db)?;
                set_tenant(&transaction, self.tenant).await.map_err(from_db)?;
                let tx = Tx::new(&self.store, self.tenant, Connection::Transaction(transaction));
                let result = work(tx.clone()).await;
                tx.into_transaction()?.rollback().await.map_err(from_db)?;
                result
            }
        }
    }

    /// Runs a change and commits it with the events it emitted. The closure may run more than once.
    pub async fn write<T, F, Fut>(&self, work: F) -> Result<T>
    where
        F: Fn(Tx) -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        let attempt = || async {
            match &self.store.inner.engine {
                Engine::Sqlite { .. } => self.write_sqlite(&work).await,
                Engine::Postgres { .. } => self.write_postgres(&work).await,
            }
        };
        let policy = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(20))
            .with_max_times(3)
            .with_jitter();
        let result = attempt.retry(policy).when(Failure::is_worth_repeating).await;
        result.map_err(Failure::into_error)
    }

    /// Carries out what a call asks for, and tells the audit log in the same transaction. At most once per idempotency key;
    /// a repeated call gets the first one's answer and is told of once.
    pub async fn write_once<T, F, Fut>(&self, intent: &Intent, work: F) -> Result<Once<T>>
    where
        T: Message + Default,
        F: Fn(Tx) -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        let work = &work;
        self.write(|tx| async move {
            if let Some(key) = &intent.idempotency
                && let Some(value) = idempotency::claim(&tx, key).await?
            {
                return Ok(Once { value, replayed: true });
            }
            let value = work(tx.clone()).await?;
            if let Some(id) = intent.answered_id(&value) {
                tx.touch(id);
            }
            tx.audit(intent)?;
            if let Some(key) = &intent.idempotency {
                idempotency::store(&tx, key, &value).await?;
            }
            Ok(Once { value, replayed: false })
        })
        .await
    }

    async fn write_sqlite<T, F, Fut>(&self, work: &F) -> std::result::Result<T, Failure>
    where
        F: Fn(Tx) -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        let Engine::Sqlite { writer, .. } = &self.store.inner.engine else { return Err(wrong_engine()) };
        let (turn, savepoint) = metering::waited(&self.store.inner.service, writer.turn()).await?;
        let tx = Tx::new(&self.store, self.tenant, Connection::Transaction(savepoint));
        let value = tokio::time::timeout(TURN, self.run(&tx, work)).await.map_err(|_| too_long())??;
        let emitted = tx.emitted_any();
        tx.into_transaction()?.commit().await?;
        fail::fail_point!("store.commit.before");
        turn.join().committed().await?;
        fail::fail_point!("store.commit.after");
        if emitted {
            self.store.inner.outbox_ready.notify_one();
        }
        Ok(value)
    }

    async fn write_postgres<T, F, Fut>(&self, work: &F) -> std::result::Result<T, Failure>
    where
        F: Fn(Tx) -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        let Engine::Postgres { service, .. } = &self.store.inner.engine else { return Err(wrong_engine()) };
        let transaction = metering::waited(&self.store.inner.service, service.begin()).await?;
        set_tenant(&transaction, self.tenant).await?;
        let tx = Tx::new(&self.store, self.tenant, Connection::Transaction(transaction));
        let value = self.run(&tx, work).await?;
        let emitted = tx.emitted_any();
        fail::fail_point!("store.commit.before");
        tx.into_transaction()?.commit().await?;
        fail::fail_point!("store.commit.after");
        if emitted {
            self.store.inner.outbox_ready.notify_one();
        }
        Ok(value)
    }

    async fn run<T, F, Fut>(&self, tx: &Tx, work: &F) -> std::result::Result<T, Failure>
    where
        F: Fn(Tx) -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        let value = work(tx.clone()).await.map_err(Failure::Refused)?;
        tx.write_outbox().await.map_err(Failure::Refused)?;
        Ok(value)
    }
}

/// Binds the transaction to the tenant for row-level security; transaction-local, so that a pooled connection forgets it (TN-4).
async fn set_tenant(connection: &impl ConnectionTrait, tenant: TenantId) -> std::result::Result<(), DbErr> {
    connection
        .execute_unprepared(&format!("SELECT set_config('app.tenant', '{}', true)", tenant.uuid()))
        .await
        .map(|_| ())
}

fn wrong_engine() -> Failure {
    Failure::Refused(Error::internal("the store has another engine"))
}

fn too_long() -> Failure {
    Failure::Refused(Error::new(ErrorCode::Timeout, "database_timeout", "the database took too long"))
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        if is_worth_repeating(&error) { Self::Passing(from_db(error)) } else { Self::Refused(from_db(error)) }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}
