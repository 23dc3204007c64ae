use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use chrono::Utc;
use serde_json::Value;
use uuid::Uuid;
use weft_bus::{Bus, Event, Settings, Stream};

use crate::Scene;

/// One in each partition: whatever waits behind it has to go on.
const PARTITIONS: u16 = 64;
const PATIENCE: Duration = Duration::from_secs(30);

/// Events that nobody can read, as an adapter gone wrong would publish them. Each has to become a dead letter.
pub(super) async fn publish(scene: &Scene) -> Result<Instant> {
    let bus = Bus::connect(&Settings::at(scene.cluster.brokers[0].url())).await?;
    let me = scene.admin().get("/v1/me").await;
    let tenant = me["tenant"]["id"].as_str().context("the caller has a tenant")?;
    let events: Vec<Event> = (0..PARTITIONS).map(|partition| poison(partition, tenant)).collect();
    let ids: Vec<String> = events.iter().map(|event| event.id.clone()).collect();
    bus.publish_all(Stream::In, events).await?;
    let published = Instant::now();
    let kept = async || {
        let letters = scene.admin().list("/v1/dead-letters").await;
        let is_kept = |id: &String| letters.iter().any(|letter: &Value| letter["event_id"] == id.as_str());
        ids.iter().all(is_kept).then_some(())
    };
    weft_testkit::eventually("each is a dead letter", PATIENCE, kept).await;
    bus.close().await;
    Ok(published)
}

fn poison(partition: u16, tenant: &str) -> Event {
    Event {
        id: format!("poison:{}", Uuid::now_v7()),
        kind: "weft.v1.inbound".to_owned(),
        source: "/channel-telegram".to_owned(),
        subject: format!("weft.in.{partition}.telegram"),
        key: String::new(),
        tenant: Some(tenant.to_owned()),
        time: Utc::now(),
        traceparent: None,
        tracestate: None,
        data: "{\"event\": ".into(),
    }
}
