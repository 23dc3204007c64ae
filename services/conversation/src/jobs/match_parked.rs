//! A report and the end of the attempt that it is about may be applied at the very same moment, when a provider writes the contact's
//! id in two ways and so they come on two partitions: then neither sees the other, and the report would wait for ever.

use chrono::TimeDelta;
use sea_orm::FromQueryResult;
use uuid::Uuid;
use weft_domain::{Result, id};
use weft_store::{Purpose, Tx};

use super::each;
use crate::{Context, intake, show};

const AT_ONCE: u64 = 200;
/// Older ones had their chance.
const LOOK_BACK: TimeDelta = TimeDelta::minutes(10);

#[derive(FromQueryResult)]
struct Met {
    tenant_id: Uuid,
    channel_id: Uuid,
    external_id: String,
    message_id: Uuid,
}

/// Applies reports that wait although their message is known.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let sql = format!(
        "SELECT DISTINCT r.tenant_id, r.channel_id, r.external_id, p.message_id FROM parked_report r \
         JOIN message_part p ON p.tenant_id = r.tenant_id AND p.channel_id = r.channel_id \
         AND p.external_id = r.external_id WHERE r.created_at > $1 LIMIT {AT_ONCE}"
    );
    let since = context.store.clock().now() - LOOK_BACK;
    let system = context.store.system(Purpose::FindLapsed).await?;
    let met: Vec<Met> = system.query(&sql, vec![since.into()]).await?;
    drop(system);
    let whose = |one: &Met| (one.tenant_id, show::message_id(one.message_id));
    let bring_together = |one: Met| async move {
        let Met { tenant_id, channel_id, external_id, message_id } = &one;
        let ids = std::slice::from_ref(external_id);
        let bring = |tx: Tx| async move { intake::bring_together(&tx, *channel_id, *message_id, ids).await };
        context.store.tenant(id::from_uuid(*tenant_id)).write(bring).await
    };
    each("match parked reports", met, whose, bring_together).await;
    Ok(())
}
