use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use uuid::Uuid;

use crate::{Block, Reader, Rig, Way, drive, figures, hose::Call};
use std::sync::Arc;

const RATE: u32 = 100;
const VISITORS: usize = 100;
const DRAINED: Duration = Duration::from_secs(60);

/// From a visitor's page to the agents' sockets.
pub(super) async fn measure(rig: &Rig) -> Result<()> {
    let block = write_from_pages(rig, VISITORS, RATE, rig.options.step).await?;
    figures::quantiles("visitor_to_socket_at_100_per_second", &block.latency());
    Ok(())
}

/// Visitors of a web page write at this rate, while one agent listens at each gateway.
pub async fn write_from_pages(rig: &Rig, visitors: usize, rate: u32, length: Duration) -> Result<Arc<Block>> {
    let mut bearers = Vec::new();
    for visitor in 0..visitors {
        bearers.push(open_session(rig, visitor).await?);
    }
    let mut readers = Vec::new();
    for gateway in rig.gateways() {
        readers.push(Reader::start(*gateway, rig.admin.token(), rig.journal.clone()).await?);
    }
    let count = u64::from(rate) * length.as_secs();
    let block = rig.journal.plan(Way::In, rate, usize::try_from(count)?);
    let path = format!("/webchat/{}/messages", rig.webchat);
    drive(&rig.journal, &block, |number| {
        let bearer = bearers[usize::try_from(number).unwrap() % bearers.len()].clone();
        let (pages, journal, block, path) =
            (rig.visitors.clone(), rig.journal.clone(), block.clone(), path.clone());
        async move {
            let text = journal.text(number);
            let body = Some(format!(r#"{{"client_id":"{}","text":"{text}"}}"#, Uuid::new_v4()));
            let call = Call { path: &path, header: ("authorization", &bearer), body };
            let answer = pages.call(call, || block.post(number, journal.now())).await;
            if answer.is_ok_and(|answer| answer.status == 202) {
                block.accept(number, journal.now());
            }
        }
    })
    .await;
    let accepted = block.accepted();
    ensure!(accepted == count, "{accepted} of {count} messages of visitors were accepted");
    let complete = block.all_seen(u32::try_from(readers.len())?, DRAINED).await;
    ensure!(complete, "not all messages of visitors were on the sockets after {DRAINED:?}");
    Ok(block)
}

async fn open_session(rig: &Rig, visitor: usize) -> Result<String> {
    let path = format!("/webchat/{}/sessions", rig.webchat);
    let body = Some(format!(r#"{{"name":"Visitor {visitor}"}}"#));
    let call = Call { path: &path, header: ("accept", "application/json"), body };
    let answer = rig.visitors.call(call, || {}).await?;
    let session: Value = serde_json::from_slice(&answer.body)?;
    let token = session["session_token"].as_str();
    Ok(format!("Bearer {}", token.with_context(|| format!("no session: {} {session}", answer.status))?))
}
