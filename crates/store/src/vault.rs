//! Sealed columns: every tenant has its own data keys, wrapped by the installation's key-encryption key.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use sea_orm::{ActiveValue::Set, EntityTrait, QueryOrder, sea_query::OnConflict};
use uuid::Uuid;
use weft_crypto::{DataKey, Kek, KeyContext, Place, Sealer, SecretBytes};
use weft_domain::{Error, Result, TenantId};

use crate::{Tx, migration::data_key};

/// Where a sealed value lives. A value opens nowhere else (CR-3).
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The row's id.
    pub row: Uuid,
}

/// Seals and opens values. Holds opened data keys for at most five minutes (CR-6).
#[derive(Clone)]
pub struct Vault {
    kek: Arc<Kek>,
    purpose: String,
    sealers: Cache<TenantId, Arc<Sealer>>,
}

impl Vault {
    /// A vault of one service, over the installation's key.
    pub fn new(kek: Arc<Kek>, purpose: &str) -> Self {
        let sealers = Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(300)).build();
        Self { kek, purpose: purpose.to_owned(), sealers }
    }

    /// Seals `plain` for its cell; the tenant's first value makes its data key.
    pub async fn seal(&self, tx: &Tx, cell: Cell<'_>, plain: &[u8]) -> Result<Vec<u8>> {
        let sealer = match self.sealer(tx).await? {
            Some(sealer) => sealer,
            None => self.first_key(tx).await?,
        };
        sealer.seal(&place(&tx.tenant(), &cell), plain).map_err(Error::internal)
    }

    /// Opens a value that was sealed for this cell.
    pub async fn open(&self, tx: &Tx, cell: Cell<'_>, sealed: &[u8]) -> Result<SecretBytes> {
        let sealer =
            self.sealer(tx).await?.ok_or_else(|| Error::internal("a sealed value without a data key"))?;
        sealer.open(&place(&tx.tenant(), &cell), sealed).map_err(Error::internal)
    }

    async fn sealer(&self, tx: &Tx) -> Result<Option<Arc<Sealer>>> {
        if let Some(sealer) = self.sealers.get(&tx.tenant()).await {
            return Ok(Some(sealer));
        }
        let rows = tx.all(data_key::Entity::find().order_by_asc(data_key::Column::Id)).await?;
        let Some(newest) = rows.last() else { return Ok(None) };
        let active = key_id(newest.id)?;
        let tenant = tx.tenant();
        let context = KeyContext { tenant: &tenant, purpose: &self.purpose };
        let keys =
            rows.iter().map(|row| self.kek.unwrap(&row.wrapped, &context)).collect::<Result<Vec<_>, _>>();
        let sealer = Arc::new(Sealer::new(keys.map_err(Error::internal)?, active).map_err(Error::internal)?);
        self.sealers.insert(tenant, sealer.clone()).await;
        Ok(Some(sealer))
    }

    /// Not cached before its transaction has committed: the next reader finds it.
    async fn first_key(&self, tx: &Tx) -> Result<Arc<Sealer>> {
        let key = DataKey::generate(1);
        let tenant = tx.tenant();
        let wrapped = self
            .kek
            .wrap(&key, &KeyContext { tenant: &tenant, purpose: &self.purpose })
            .map_err(Error::internal)?;
        let row = data_key::ActiveModel {
            tenant_id: Set(tenant.uuid()),
            id: Set(1),
            wrapped: Set(wrapped),
            created_at: Set(tx.now()),
        };
        let conflict =
            OnConflict::columns([data_key::Column::TenantId, data_key::Column::Id]).do_nothing().to_owned();
        tx.insert_new(vec![row], conflict).await?;
        // Another transaction may have been first: what the table holds counts.
        let stored = tx.get("data key", data_key::Entity::find()).await?;
        let context = KeyContext { tenant: &tenant, purpose: &self.purpose };
        let key = self.kek.unwrap(&stored.wrapped, &context).map_err(Error::internal)?;
        Sealer::new([key], key_id(stored.id)?).map(Arc::new).map_err(Error::internal)
    }
}

fn key_id(stored: i32) -> Result<u32> {
    u32::try_from(stored).map_err(Error::internal)
}

fn place<'a>(tenant: &'a TenantId, cell: &'a Cell<'_>) -> Place<'a> {
    Place { tenant, table: cell.table, column: cell.column, row: cell.row.as_bytes() }
}
