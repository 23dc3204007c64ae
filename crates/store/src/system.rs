use sea_orm::{
    ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, Select, Statement, TransactionTrait,
    Value,
};
use weft_domain::{Result, TenantId, id};

use crate::{Store, from_db, store::Engine};

/// All the reasons there are to look across tenants (TN-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A sign-in names an e-mail, not a tenant.
    SignIn,
    /// A secret names its owner: refresh token or API token, by hash.
    ResolveToken,
    /// A webhook names a channel, not a tenant.
    ResolveChannel,
    /// Signing keys belong to the installation.
    SigningKeys,
    /// An operator lists and creates tenants.
    ManageTenants,
    /// What adapters announce belongs to the installation.
    ChannelKinds,
    /// Leases that lapsed are found for all tenants at once.
    FindLapsed,
    /// A signed address names a file.
    ResolveFile,
    /// Checkpoints of the audit log are due for all tenants at once.
    FindChanged,
    /// A text index is used behind no second wall, so ids and times alone are looked for, of one tenant.
    Search,
    /// Dead letters are counted, published again and pruned for all tenants at once.
    FindDeadLetters,
}

/// A read across tenants. Changes always go through one tenant's `Scope`; the installation
/// itself is one, see [`installation`].
pub struct SystemTx {
    transaction: DatabaseTransaction,
    purpose: Purpose,
}

impl SystemTx {
    pub(crate) async fn begin(store: &Store, purpose: Purpose) -> Result<Self> {
        let connection = match &store.inner.engine {
            Engine::Sqlite { readers, .. } => readers,
            Engine::Postgres { system, .. } => system,
        };
        tracing::trace!(?purpose, "system scope");
        Ok(Self { transaction: connection.begin().await.map_err(from_db)?, purpose })
    }

    /// Why this transaction looks across tenants.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// All rows that match, of all tenants.
    pub async fn all<E: EntityTrait>(&self, select: Select<E>) -> Result<Vec<E::Model>> {
        select.all(&self.transaction).await.map_err(from_db)
    }

    /// The row that matches, whoever's it is.
    pub async fn one<E: EntityTrait>(&self, select: Select<E>) -> Result<Option<E::Model>> {
        select.one(&self.transaction).await.map_err(from_db)
    }

    /// Rows of a query in SQL.
    pub async fn query<M: FromQueryResult>(&self, sql: &str, values: Vec<Value>) -> Result<Vec<M>> {
        let statement = Statement::from_sql_and_values(self.transaction.get_database_backend(), sql, values);
        M::find_by_statement(statement).all(&self.transaction).await.map_err(from_db)
    }
}

/// The tenant whose rows belong to the installation itself: signing keys, kinds of channels.
pub fn installation() -> TenantId {
    id::from_uuid(uuid::Uuid::nil())
}
