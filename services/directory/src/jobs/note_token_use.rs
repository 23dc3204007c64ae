use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weft_domain::{Result, TenantId};

use crate::{directory::Directory, store::api_tokens};

/// Writes down when API tokens were last used, every `period` and once more at the end.
pub(crate) async fn run(directory: Arc<Directory>, period: Duration, stop: CancellationToken) {
    loop {
        let stopped = stop.run_until_cancelled(tokio::time::sleep(period)).await.is_none();
        for (tenant, used) in directory.token_use.take() {
            if let Err(error) = write(&directory, tenant, &used).await {
                tracing::warn!(tenant.id = %tenant, error = %error, "the last use of API tokens was not noted");
            }
        }
        if stopped {
            return;
        }
    }
}

async fn write(directory: &Directory, tenant: TenantId, used: &HashMap<Uuid, DateTime<Utc>>) -> Result<()> {
    let scope = directory.scope(tenant);
    scope
        .write(|tx| async move {
            for (token, at) in used {
                api_tokens::note_use(&tx, *token, *at).await?;
            }
            Ok(())
        })
        .await
}
