use std::{borrow::Cow, net::SocketAddr, sync::Arc};

use anyhow::{Context, Result};
use futures::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    net::{TcpSocket, TcpStream},
    task::JoinHandle,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{Block, Journal, Way};

/// An agent's console: a socket that notes in the journal what comes in.
pub struct Reader(JoinHandle<()>);

impl Reader {
    /// Connects to one gateway and follows all conversations.
    pub async fn start(gateway: SocketAddr, token: &str, journal: Arc<Journal>) -> Result<Self> {
        let mut socket = open(gateway, token, 1).await?;
        say(&mut socket, &json!({"type": "subscribe", "conversations": "all"})).await?;
        loop {
            let frame = socket.next().await.context("the socket closed")??;
            if frame.to_text()?.contains("\"subscribed\"") {
                break;
            }
        }
        Ok(Self(tokio::spawn(async move { read(socket, &journal).await })))
    }

    /// Whether it is still connected.
    pub fn is_connected(&self) -> bool {
        !self.0.is_finished()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Opens a socket from the address `127.0.0.from`.
pub(crate) async fn open(gateway: SocketAddr, token: &str, from: u8) -> Result<WebSocketStream<TcpStream>> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, from], 0).into())?;
    let stream = socket.connect(gateway).await?;
    stream.set_nodelay(true)?;
    let mut request = format!("ws://{gateway}/v1/live").into_client_request()?;
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse()?);
    Ok(client_async(request, stream).await?.0)
}

/// Sends a frame.
pub(crate) async fn say(socket: &mut WebSocketStream<TcpStream>, frame: &serde_json::Value) -> Result<()> {
    Ok(socket.send(Message::text(frame.to_string())).await?)
}

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow, default)]
    event: Cow<'a, str>,
    #[serde(borrow)]
    data: Option<Data<'a>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    message: Option<Words<'a>>,
}

#[derive(Deserialize)]
struct Words<'a> {
    #[serde(borrow, default)]
    text: Cow<'a, str>,
}

async fn read(mut socket: WebSocketStream<TcpStream>, journal: &Journal) {
    let mut block: Option<Arc<Block>> = None;
    while let Some(Ok(frame)) = socket.next().await {
        let Ok(text) = frame.to_text() else { continue };
        let Some(number) = created(text).and_then(|words| journal.number(&words)) else { continue };
        if !block.as_ref().is_some_and(|known| known.has(number)) {
            block = journal.block_of(number);
        }
        if block.as_ref().is_some_and(|block| block.way == Way::In) {
            journal.saw(number);
        }
    }
}

fn created(text: &str) -> Option<Cow<'_, str>> {
    let frame: Frame<'_> = serde_json::from_str(text).ok()?;
    (frame.event == "message.created").then_some(frame.data?.message?.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_new_message_is_read_and_nothing_else() {
        let frame = |event: &str| {
            format!(
                r#"{{"type":"event","cursor":"a","event":"{event}","data":{{"message":{{"id":"b","text":"hi"}}}}}}"#
            )
        };
        assert_eq!(created(&frame("message.created")).as_deref(), Some("hi"));
        assert_eq!(created(&frame("message.updated")), None);
        assert_eq!(created(r#"{"type":"pong"}"#), None);
    }
}
