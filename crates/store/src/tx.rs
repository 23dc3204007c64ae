use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use prost_reflect::ReflectMessage;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, DatabaseConnection, DatabaseTransaction, DbBackend,
    DeleteMany, EntityTrait, FromQueryResult, Insert, InsertMany, IntoActiveModel, PaginatorTrait,
    QueryFilter, Select, Statement, UpdateMany, Value,
    sea_query::{Expr, ExprTrait, OnConflict, SimpleExpr, ValueType, extension::postgres::PgFunc},
};
use weft_domain::{Error, ErrorCode, Result, TenantId};
use weft_proto::{Intent, convert::timestamp};

use crate::{Outgoing, Store, TenantEntity, from_db, outbox, rows, vault::Vault};

/// A transaction of one tenant. A handle: clones are the same transaction.
#[derive(Clone)]
pub struct Tx {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    tenant: TenantId,
    connection: Connection,
    outgoing: Mutex<Vec<Outgoing>>,
    touched: Mutex<Vec<String>>,
}

pub(crate) enum Connection {
    Reader(DatabaseConnection),
    Transaction(DatabaseTransaction),
}

/// Why a write did not happen.
pub(crate) enum Failure {
    /// It may succeed if it is run again.
    Passing(Error),
    /// It would end the same way.
    Refused(Error),
}

impl Failure {
    pub(crate) fn is_worth_repeating(&self) -> bool {
        match self {
            Self::Passing(_) => true,
            Self::Refused(error) => {
                error.code() == ErrorCode::Unavailable && error.reason() == "database_unavailable"
            }
        }
    }

    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Passing(error) | Self::Refused(error) => error,
        }
    }
}

/// Runs a query on whichever connection the transaction has.
macro_rules! on {
    ($tx:expr, |$connection:ident| $query:expr) => {
        match &$tx.inner.connection {
            Connection::Reader($connection) => $query.await,
            Connection::Transaction($connection) => $query.await,
        }
        .map_err(from_db)
    };
}

impl Tx {
    pub(crate) fn new(store: &Store, tenant: TenantId, connection: Connection) -> Self {
        Self {
            inner: Arc::new(Inner {
                store: store.clone(),
                tenant,
                connection,
                outgoing: Mutex::default(),
                touched: Mutex::default(),
            }),
        }
    }

    /// The tenant whose rows this transaction sees.
    pub fn tenant(&self) -> TenantId {
        self.inner.tenant
    }

    /// The present instant.
    pub fn now(&self) -> DateTime<Utc> {
        self.inner.store.inner.clock.now()
    }

    /// Whether this is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.inner.store.backend() == DbBackend::Postgres
    }

    /// Seals and opens values of this tenant.
    pub fn vault(&self) -> &Vault {
        &self.inner.store.inner.vault
    }

    /// All rows that match.
    pub async fn all<E: TenantEntity>(&self, select: Select<E>) -> Result<Vec<E::Model>> {
        let query = select.filter(E::TENANT.eq(self.tenant().uuid()));
        on!(self, |connection| query.all(connection))
    }

    /// The row that matches, if any.
    pub async fn one<E: TenantEntity>(&self, select: Select<E>) -> Result<Option<E::Model>> {
        let query = select.filter(E::TENANT.eq(self.tenant().uuid()));
        on!(self, |connection| query.one(connection))
    }

    /// The row with this id; `kind` names it in the error when there is none.
    pub async fn get<E: TenantEntity>(&self, kind: &str, select: Select<E>) -> Result<E::Model> {
        self.one(select).await?.ok_or_else(|| Error::not_found(kind))
    }

    /// How many rows match.
    pub async fn count<E: TenantEntity>(&self, select: Select<E>) -> Result<u64>
    where
        E::Model: Send + Sync,
    {
        let query = select.filter(E::TENANT.eq(self.tenant().uuid()));
        on!(self, |connection| query.count(connection))
    }

    /// Inserts a row and gives it back as stored.
    pub async fn insert<A>(&self, row: A) -> Result<<A::Entity as EntityTrait>::Model>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: TenantEntity,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        let query = Insert::one(self.owned(row));
        on!(self, |connection| query.exec_with_returning(connection))
    }

    /// Inserts rows in one statement per few hundred.
    pub async fn insert_all<A>(&self, rows: Vec<A>) -> Result<()>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: TenantEntity,
    {
        self.put(rows, None).await
    }

    /// Inserts those rows that do not exist yet, and gives back the ones that are new.
    pub async fn insert_new<A>(
        &self,
        rows: Vec<A>,
        conflict: OnConflict,
    ) -> Result<Vec<<A::Entity as EntityTrait>::Model>>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: TenantEntity,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        let mut inserted = Vec::new();
        for chunk in self.chunks(rows) {
            inserted.extend(if self.is_postgres() {
                let statement = rows::insert(&chunk, Some(conflict.clone()), true)?;
                let query = <A::Entity as EntityTrait>::Model::find_by_statement(statement);
                on!(self, |connection| query.all(connection))?
            } else {
                let query = InsertMany::many(chunk).on_conflict(conflict.clone());
                on!(self, |connection| query.exec_with_returning(connection))?
            });
        }
        Ok(inserted)
    }

    /// Writes rows back as they are in memory, in one statement per few hundred; one that is gone comes back.
    pub async fn save_all<A>(&self, rows: Vec<A>) -> Result<()>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: TenantEntity,
    {
        use sea_orm::{IdenStatic, Iterable, PrimaryKeyToColumn};
        let keys = || <A::Entity as EntityTrait>::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
        let is_key =
            |column: &<A::Entity as EntityTrait>::Column| keys().any(|key| key.as_str() == column.as_str());
        let rest = <A::Entity as EntityTrait>::Column::iter().filter(|column| !is_key(column));
        let conflict = OnConflict::columns(keys()).update_columns(rest).to_owned();
        self.put(rows, Some(conflict)).await
    }

    async fn put<A>(&self, rows: Vec<A>, conflict: Option<OnConflict>) -> Result<()>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: TenantEntity,
    {
        use sea_orm::ConnectionTrait;
        for chunk in self.chunks(rows) {
            if self.is_postgres() {
                let statement = rows::insert(&chunk, conflict.clone(), false)?;
                on!(self, |connection| connection.execute_raw(statement))?;
            } else {
                let query = InsertMany::many(chunk);
                let query = match conflict.clone() {
                    Some(conflict) => query.on_conflict(conflict),
                    None => query,
                };
                on!(self, |connection| query.exec_without_returning(connection))?;
            }
        }
        Ok(())
    }

    /// Whether `column` is one of `values`. A list of their own length would be another statement for each length.
    pub fn is_any_of<C, V>(&self, column: C, values: impl IntoIterator<Item = V>) -> SimpleExpr
    where
        C: ColumnTrait,
        V: Into<Value> + ValueType,
    {
        if !self.is_postgres() {
            return column.is_in(values);
        }
        let values: Vec<Value> = values.into_iter().map(Into::into).collect();
        let array = Value::Array(V::array_type(), Some(Box::new(values)));
        Expr::col((column.entity_name(), column)).eq(PgFunc::any(Expr::val(array)))
    }

    /// Changes the rows that match and says how many there were.
    pub async fn update<E: TenantEntity>(&self, update: UpdateMany<E>) -> Result<u64> {
        let query = update.filter(E::TENANT.eq(self.tenant().uuid()));
        on!(self, |connection| query.exec(connection)).map(|done| done.rows_affected)
    }

    /// Changes the rows that match and gives them back as they are now.
    pub async fn update_returning<E: TenantEntity>(&self, update: UpdateMany<E>) -> Result<Vec<E::Model>> {
        let query = update.filter(E::TENANT.eq(self.tenant().uuid()));
        on!(self, |connection| query.exec_with_returning(connection))
    }

    /// Deletes the rows that match and says how many there were.
    pub async fn delete<E: TenantEntity>(&self, delete: DeleteMany<E>) -> Result<u64> {
        let query = delete.filter(E::TENANT.eq(self.tenant().uuid()));
        on!(self, |connection| query.exec(connection)).map(|done| done.rows_affected)
    }

    /// Rows of a query in SQL, for what the finders cannot say. `$1` is the tenant; `values` start at `$2`.
    pub async fn query<M: FromQueryResult>(&self, sql: &str, values: Vec<Value>) -> Result<Vec<M>> {
        let statement = self.statement(sql, values)?;
        let query = M::find_by_statement(statement);
        on!(self, |connection| query.all(connection))
    }

    /// Runs a change in SQL, for what the finders cannot say. `$1` is the tenant; `values` start at `$2`.
    pub async fn execute(&self, sql: &str, values: Vec<Value>) -> Result<u64> {
        use sea_orm::ConnectionTrait;
        let statement = self.statement(sql, values)?;
        on!(self, |connection| connection.execute_raw(statement)).map(|done| done.rows_affected())
    }

    /// Adds an event to the outbox: it travels if, and only if, this transaction commits.
    pub fn emit(&self, outgoing: Outgoing) {
        self.inner.outgoing.lock().unwrap_or_else(PoisonError::into_inner).push(outgoing);
    }

    /// Adds an event of `weft.events.v1`; `key` is the aggregate whose order it keeps.
    pub fn emit_event<M: ReflectMessage + Default>(&self, key: &str, event: &M) -> Result<()> {
        self.emit(Outgoing::event(self.tenant(), &self.inner.store.inner.service, key, event)?);
        Ok(())
    }

    /// Adds to the audit log what `intent` says, if its method is audited: it is told if, and only if, this transaction
    /// commits. [`Scope::write_once`](crate::Scope::write_once) does so by itself.
    pub fn audit(&self, intent: &Intent) -> Result<()> {
        let Some(record) = &intent.audit else { return Ok(()) };
        let mut told = record.clone();
        told.at = Some(timestamp(self.now()));
        for touched in self.touched().drain(..).filter(|id| !record.objects.contains(id)) {
            told.objects.push(touched);
        }
        self.emit(Outgoing::audit(self.tenant(), &self.inner.store.inner.service, &told)?);
        Ok(())
    }

    /// Names a thing that this transaction touches, for the audit log, when neither request nor answer name it.
    pub fn touch(&self, id: impl ToString) {
        let id = id.to_string();
        let mut touched = self.touched();
        if !touched.contains(&id) {
            touched.push(id);
        }
    }

    fn touched(&self) -> MutexGuard<'_, Vec<String>> {
        self.inner.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn emitted_any(&self) -> bool {
        !self.inner.outgoing.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    pub(crate) async fn write_outbox(&self) -> Result<()> {
        let outgoing = self.inner.outgoing.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if outgoing.is_empty() {
            return Ok(());
        }
        let now = self.now();
        self.insert_all(outgoing.into_iter().map(|event| outbox::row(event, now)).collect()).await
    }

    pub(crate) fn into_transaction(self) -> Result<DatabaseTransaction> {
        let inner = Arc::into_inner(self.inner)
            .ok_or_else(|| Error::internal("a transaction was kept beyond its closure"))?;
        match inner.connection {
            Connection::Transaction(transaction) => Ok(transaction),
            Connection::Reader(_) => Err(Error::internal("a reader has no transaction")),
        }
    }

    fn owned<A>(&self, mut row: A) -> A
    where
        A: ActiveModelTrait,
        A::Entity: TenantEntity,
    {
        row.set(<A::Entity as TenantEntity>::TENANT, self.tenant().uuid().into());
        row
    }

    /// Databases bound the parameters of one statement (SQLite 32,766; PostgreSQL 65,535).
    fn chunks<A>(&self, rows: Vec<A>) -> Vec<Vec<A>>
    where
        A: ActiveModelTrait,
        A::Entity: TenantEntity,
    {
        use sea_orm::Iterable;
        let columns = <A::Entity as EntityTrait>::Column::iter().count().max(1);
        let size = (30_000 / columns).clamp(1, 500);
        let mut chunks = Vec::new();
        let mut rest = rows.into_iter().map(|row| self.owned(row)).peekable();
        while rest.peek().is_some() {
            chunks.push(rest.by_ref().take(size).collect());
        }
        chunks
    }

    fn statement(&self, sql: &str, values: Vec<Value>) -> Result<Statement> {
        if !sql.contains("tenant_id = $1") {
            return Err(Error::internal(format!("a query without its tenant: {sql}")));
        }
        let values = std::iter::once(self.tenant().uuid().into()).chain(values);
        Ok(Statement::from_sql_and_values(self.inner.store.backend(), sql, values))
    }
}
