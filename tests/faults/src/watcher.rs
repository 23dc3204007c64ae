use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    sync::oneshot,
    time::{sleep, timeout},
};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};
use tokio_util::sync::CancellationToken;
use weft_tests_fleet::Client;

use crate::ledger::Ledger;

const AGAIN: Duration = Duration::from_millis(100);
/// A socket that says nothing for so long, not even a ping, is opened anew; so does a browser's client.
const SILENT: Duration = Duration::from_secs(8);

/// An agent's console: follows all conversations, comes back with its cursor whenever it is cut off. Says when it follows.
pub(crate) async fn watch(
    gateway: Client,
    ledger: Arc<Ledger>,
    follows: oneshot::Sender<()>,
    stop: CancellationToken,
) {
    let (mut cursor, mut follows) = (None, Some(follows));
    while let Some(ended) =
        stop.run_until_cancelled(follow(&gateway, &ledger, &mut cursor, &mut follows)).await
    {
        if let Err(error) = ended {
            eprintln!("  socket: {error:#}");
        }
        sleep(AGAIN).await;
    }
}

async fn follow(
    gateway: &Client,
    ledger: &Ledger,
    cursor: &mut Option<Value>,
    follows: &mut Option<oneshot::Sender<()>>,
) -> Result<()> {
    let mut request =
        format!("{}/v1/live", gateway.base().replacen("http", "ws", 1)).into_client_request()?;
    request.headers_mut().insert("authorization", format!("Bearer {}", gateway.token()).parse()?);
    let (mut socket, _) = timeout(SILENT, tokio_tungstenite::connect_async(request)).await??;
    if let Some(cursor) = &cursor {
        let resume = json!({"type": "resume", "cursor": cursor});
        socket.send(Message::text(resume.to_string())).await?;
    }
    let subscribe = json!({"type": "subscribe", "conversations": "all"});
    socket.send(Message::text(subscribe.to_string())).await?;
    loop {
        let next = timeout(SILENT, socket.next()).await.context("silent")?;
        let frame = match next.context("cut off")?? {
            Message::Text(text) => serde_json::from_str::<Value>(&text)?,
            Message::Close(_) => return Ok(()),
            _ => continue,
        };
        if frame["type"] == "subscribed"
            && let Some(follows) = follows.take()
        {
            follows.send(()).ok();
        }
        // Until something was missed, it begins where the first hello said.
        if frame["type"] == "hello" && cursor.is_none() || frame["type"] == "event" {
            *cursor = Some(frame["cursor"].clone());
        }
        if frame["event"] == "message.created"
            && let Some(text) = frame["data"]["message"]["text"].as_str()
        {
            ledger.see(text);
        }
    }
}
