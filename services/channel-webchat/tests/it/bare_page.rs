//! A page that speaks Socket.IO by hand, so that it can do what the official client never would.

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message as Frame, client::IntoClientRequest as _},
};

use crate::rig::{Rig, SOON};

pub(crate) struct BarePage(WebSocketStream<TcpStream>);

impl BarePage {
    /// A page that takes little at once, and has come in.
    pub(crate) async fn open(rig: &Rig) -> Self {
        let path = rig.path("socket.io/?EIO=4&transport=websocket");
        let handshake = format!("ws://{}{path}", rig.address).into_client_request().unwrap();
        let mut page = Self(rig.narrow(handshake).await);
        page.enter().await;
        page.hear("connected").await;
        page
    }

    /// Comes in by the door of the connection.
    pub(crate) async fn enter(&mut self) {
        self.say("40".to_owned()).await;
    }

    pub(crate) async fn emit(&mut self, event: &str, body: Value) {
        self.say(format!("42{}", json!([event, body]))).await;
    }

    /// The body of the next event of this name.
    pub(crate) async fn hear(&mut self, event: &str) -> Value {
        let begin = format!("42[\"{event}\"");
        let packet = self.until(&begin).await;
        let mut heard: Value = serde_json::from_str(packet.strip_prefix("42").unwrap()).unwrap();
        heard[1].take()
    }

    /// The next packet that begins so; others before it do not matter.
    pub(crate) async fn until(&mut self, begin: &str) -> String {
        loop {
            let received = timeout(SOON, self.0.next()).await.unwrap_or_else(|_| panic!("no {begin}"));
            match received.expect("the connection is open").unwrap() {
                Frame::Text(text) if text.as_str().starts_with(begin) => return text.as_str().to_owned(),
                Frame::Text(text) if text.as_str() == "2" => self.say("3".to_owned()).await,
                _ => {}
            }
        }
    }

    async fn say(&mut self, packet: String) {
        self.0.send(Frame::text(packet)).await.unwrap();
    }
}
