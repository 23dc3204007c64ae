use std::time::Instant;

use anyhow::Result;
use async_nats::jetstream;

use crate::Scene;

/// What no adapter writes, in every partition, between good events.
pub(super) async fn publish(scene: &mut Scene) -> Result<Instant> {
    let client = async_nats::connect(scene.cluster.nats.url()).await?;
    let context = jetstream::new(client);
    for partition in 0..64 {
        for body in ["", "{", "{\"key\":\"x\",\"tenant_id\":\"nobody\"}", "[1,2]"] {
            context.publish(format!("weft.in.{partition}.telegram"), body.into()).await?.await?;
        }
    }
    Ok(Instant::now())
}
