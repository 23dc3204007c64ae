use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, tungstenite::Message, tungstenite::client::IntoClientRequest,
};

use crate::Client;

/// A live socket.
pub struct Live(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Live {
    /// Connects and subscribes to all conversations.
    pub async fn subscribe(client: &Client) -> Self {
        let mut live = Self::connect(client).await;
        live.send(&json!({"type": "subscribe", "conversations": "all"})).await;
        live.wait_for(|frame| (frame["type"] == "subscribed").then_some(())).await;
        live
    }

    /// Connects, and says nothing yet.
    pub async fn connect(client: &Client) -> Self {
        let url = format!("{}/v1/live", client.base().replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("authorization", format!("Bearer {}", client.token()).parse().unwrap());
        let (socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        Self(socket)
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: &Value) {
        self.0.send(Message::text(frame.to_string())).await.unwrap();
    }

    /// The next frame; none when the server closed.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            match self.0.next().await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Reads frames until one is what is wanted.
    pub async fn wait_for<T>(&mut self, mut wanted: impl FnMut(&Value) -> Option<T>) -> T {
        let found = tokio::time::timeout(Duration::from_secs(30), async {
            loop {
                let frame = self.next().await.expect("the socket stays open");
                if let Some(found) = wanted(&frame) {
                    return found;
                }
            }
        });
        found.await.expect("the frame comes within 30 s")
    }

    /// Waits for an event of this name about which `wanted` says something.
    pub async fn event<T>(&mut self, name: &str, mut wanted: impl FnMut(&Value) -> Option<T>) -> T {
        self.wait_for(|frame| if frame["event"] == name { wanted(&frame["data"]) } else { None }).await
    }
}
