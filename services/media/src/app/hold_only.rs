use weft_domain::{Result, id};
use weft_store::Tx;

use super::{Media, file::ids};
use crate::store::{file, hold};

/// Notes which files something needs from now on. Those it needs no longer stay: who took them over may not have said so yet.
pub(crate) async fn run(media: &Media, tenant: &str, wanted: &[String], holder: &str) -> Result<()> {
    let tenant = id::parse("tenant_id", tenant)?;
    let wanted = &ids(wanted)?;
    let hold = |tx: Tx| async move {
        let rows = file::find_locked(&tx, wanted.clone()).await?;
        let there: Vec<_> = rows.iter().map(|row| row.id).collect();
        for held in hold::of(&tx, holder).await?.into_iter().filter(|held| !there.contains(held)) {
            hold::remove(&tx, held, holder).await?;
        }
        hold::add(&tx, &there, holder).await
    };
    media.store.tenant(tenant).write(hold).await
}
