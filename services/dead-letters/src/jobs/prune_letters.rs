use weft_domain::Result;

use crate::{
    desk::Desk,
    store::{letters, system},
};

/// Forgets letters that ended long ago, for the tenants that have some.
pub(crate) async fn run(desk: &Desk) -> Result<()> {
    let before = desk.store.clock().now() - desk.config.keep();
    for tenant in system::with_old(&desk.store, before).await? {
        desk.store.tenant(tenant).write(|tx| async move { letters::forget(&tx, before).await }).await?;
    }
    Ok(())
}
