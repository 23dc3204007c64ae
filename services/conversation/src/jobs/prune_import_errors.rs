//! Which rows of a file could not be taken is told for 90 days after the end of the import; how many they were stays.

use chrono::TimeDelta;
use weft_domain::{Result, id};
use weft_store::Purpose;

use crate::{
    Context, show,
    store::{contact_files, due::Due},
};

const KEEP: TimeDelta = TimeDelta::days(90);
/// So many imports are looked at before the next ones; one may have 10,000 such rows, which go in one transaction.
const AT_ONCE: usize = 100;
/// So many steps are made before the others have their turn.
const STEPS: usize = 50;

/// Forgets what is older. One query when there is nothing.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let before = context.store.clock().now() - KEEP;
    // in the order of the primary key, by which they are found: people begin imports, there are never many
    let sql = format!(
        "SELECT i.tenant_id, i.id FROM contact_import i WHERE i.ended_at < $1 AND i.failed_count > 0 AND EXISTS \
         (SELECT 1 FROM contact_import_error e WHERE e.tenant_id = i.tenant_id AND e.import_id = i.id) \
         ORDER BY i.tenant_id, i.id LIMIT {AT_ONCE}"
    );
    for _ in 0..STEPS {
        let system = context.store.system(Purpose::FindLapsed).await?;
        let old: Vec<Due> = system.query(&sql, vec![before.into()]).await?;
        drop(system);
        let count = old.len();
        let whose = |one: &Due| (one.tenant_id, show::import_id(one.id));
        let forget = |one: Due| async move {
            let scope = context.store.tenant(id::from_uuid(one.tenant_id));
            scope.write(|tx| async move { contact_files::forget_errors(&tx, one.id).await }).await
        };
        super::each("prune import errors", old, whose, forget).await;
        if count < AT_ONCE {
            break;
        }
    }
    Ok(())
}
