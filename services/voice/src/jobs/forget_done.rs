//! What is done needs no remembering: nothing is redelivered after 30 days (IN-8).

use chrono::TimeDelta;
use sea_orm::FromQueryResult;
use uuid::Uuid;
use weft_domain::{Result, id};
use weft_store::Purpose;

use crate::{
    Context,
    store::{answers, heard},
};

const KEEP: TimeDelta = TimeDelta::days(30);

#[derive(FromQueryResult)]
struct Owner {
    tenant_id: Uuid,
}

/// Forgets what was heard and answered long ago, for the tenants that have such.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let before = context.store.clock().now() - KEEP;
    let system = context.store.system(Purpose::FindLapsed).await?;
    let sql = "SELECT tenant_id FROM heard WHERE heard_at < $1 \
               UNION SELECT tenant_id FROM spoken_answer WHERE updated_at < $1";
    let owners: Vec<Owner> = system.query(sql, vec![before.into()]).await?;
    drop(system);
    for owner in owners {
        let forget = |tx| async move {
            heard::forget(&tx, before).await?;
            answers::forget(&tx, before).await
        };
        context.store.tenant(id::from_uuid(owner.tenant_id)).write(forget).await?;
    }
    Ok(())
}
