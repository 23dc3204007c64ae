//! A rebuild outlives the process that works at it: whoever finds it abandoned goes on.

use tokio_util::sync::CancellationToken;
use weft_domain::Result;
use weft_store::Purpose;

use crate::{Context, rebuild, store::rebuilds};

/// Works at every rebuild that nobody works at, one after the other.
pub(crate) async fn run(context: &Context, stop: &CancellationToken) -> Result<()> {
    let system = context.store.system(Purpose::FindLapsed).await?;
    let tenants = rebuilds::abandoned(&system, context.store.clock().now()).await?;
    drop(system);
    for tenant in tenants {
        // The others are not to wait for one that cannot go on.
        if let Err(error) = Box::pin(rebuild::run(context, tenant, stop)).await {
            tracing::warn!(tenant.id = %tenant, error = %error, source = ?std::error::Error::source(&error), "a rebuild is interrupted");
        }
    }
    Ok(())
}
