use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait as _, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use serde::{Deserialize, Serialize};
use weft_domain::Result;

use super::{
    Records,
    entity::mail_folder::{ActiveModel, Column, Entity, Model},
};
use crate::account::Owner;

/// When a position is worth nothing any more, mail is read again from so long before it moved last.
const OVERLAP: TimeDelta = TimeDelta::days(2);

/// How far a folder is read: everything up to `last_uid` is on the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    /// What the number is worth: the server gives another when it numbers its mail anew. Gmail has no such number, and no server
    /// has [`crate::gmail::BY_HISTORY`] or [`crate::gmail::BY_TIME`].
    pub(crate) uid_validity: u32,
    pub(crate) last_uid: u64,
}

impl Records {
    /// How far a folder is read, since when it is, and when that last changed.
    pub(crate) async fn folder(&self, owner: Owner, name: &str) -> Result<Option<Known>> {
        let find =
            Entity::find().filter(Column::ChannelId.eq(owner.channel.uuid())).filter(Column::Name.eq(name));
        let row = self.0.tenant(owner.tenant).read(|tx| async move { tx.one(find).await }).await?;
        Ok(row.map(Known::from))
    }

    /// Begins to read a folder, unless that has been done.
    pub(crate) async fn begin(&self, owner: Owner, name: &str, at: Position) -> Result<()> {
        let keys = [Column::TenantId, Column::ChannelId, Column::Name];
        let write = |tx: weft_store::Tx| async move {
            let now = tx.now().trunc_subsecs(6);
            let row = ActiveModel {
                tenant_id: Set(owner.tenant.uuid()),
                channel_id: Set(owner.channel.uuid()),
                name: Set(name.to_owned()),
                uid_validity: Set(at.uid_validity.into()),
                last_uid: Set(stored(at.last_uid)),
                begun_at: Set(now),
                read_at: Set(now),
            };
            tx.insert_new(vec![row], OnConflict::columns(keys).do_nothing().to_owned()).await.map(drop)
        };
        self.0.tenant(owner.tenant).write(write).await
    }

    /// Moves a folder's position, which never goes back while its numbers mean the same.
    pub(crate) async fn move_to(&self, owner: Owner, name: &str, at: Position) -> Result<()> {
        let write = |tx: weft_store::Tx| async move {
            let moved = Entity::update_many()
                .col_expr(Column::UidValidity, Expr::value(i64::from(at.uid_validity)))
                .col_expr(Column::LastUid, Expr::value(stored(at.last_uid)))
                .col_expr(Column::ReadAt, Expr::value(tx.now().trunc_subsecs(6)))
                .filter(Column::ChannelId.eq(owner.channel.uuid()))
                .filter(Column::Name.eq(name))
                .filter(
                    Column::UidValidity
                        .ne(i64::from(at.uid_validity))
                        .or(Column::LastUid.lt(stored(at.last_uid))),
                );
            tx.update(moved).await.map(drop)
        };
        self.0.tenant(owner.tenant).write(write).await
    }
}

fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What is known of a folder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) at: Position,
    pub(crate) begun_at: DateTime<Utc>,
    pub(crate) read_at: DateTime<Utc>,
}

impl Known {
    /// When everything before was read, whatever the position is worth: a day or two early.
    pub(crate) fn read_surely(&self) -> DateTime<Utc> {
        Ord::max(self.read_at, self.begun_at) - OVERLAP
    }
}

impl From<Model> for Known {
    fn from(row: Model) -> Self {
        Self {
            at: Position {
                uid_validity: u32::try_from(row.uid_validity).unwrap_or_default(),
                last_uid: u64::try_from(row.last_uid).unwrap_or_default(),
            },
            begun_at: row.begun_at,
            read_at: row.read_at,
        }
    }
}
