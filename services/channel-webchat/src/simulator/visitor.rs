use bytes::Bytes;
use futures::{
    SinkExt as _, StreamExt as _,
    stream::{BoxStream, SplitSink, once},
};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest as _},
};
use uuid::Uuid;
use weft_channel::script::Line;
use weft_domain::{Error, Result};
use weft_http::Request;

use super::Place;

/// What comes to a visitor, with the visitor's number; nothing once the socket has ended.
pub(super) type Heard = BoxStream<'static, (u64, Option<Value>)>;

type Sink = SplitSink<WebSocketStream<MaybeTlsStream<TcpStream>>, Message>;

/// One pixel.
const PICTURE: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

/// Somebody on a page with the chat.
pub(super) struct Visitor {
    number: u64,
    name: String,
    token: Option<String>,
    socket: Option<Sink>,
}

impl Visitor {
    pub(super) fn new(number: u64, name: String) -> Self {
        Self { number, name, token: None, socket: None }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Does as a script says; what is heard from then on is given back when a socket had to be opened for it.
    pub(super) async fn does(
        &mut self,
        line: &Line,
        place: &Place,
        http: &weft_http::Client,
    ) -> Result<Option<Heard>> {
        let Some(text) = line.in_words() else { return Ok(None) };
        let heard = match self.socket {
            Some(_) => None,
            None => Some(self.open(place, http).await?),
        };
        let attachments = match line {
            Line::Shows(_) => vec![self.send_picture(place, http).await?],
            _ => Vec::new(),
        };
        let id = Uuid::now_v7();
        let frame = json!({"type": "message", "client_id": id, "text": text, "attachments": attachments});
        self.say(&json!({"type": "typing"})).await;
        self.say(&frame).await;
        Ok(heard)
    }

    /// Touches the first button, and confirms what was read.
    pub(super) async fn answer(&mut self, frame: &Value) {
        let message = &frame["message"];
        if message["direction"] != "outbound" {
            return;
        }
        self.say(&json!({"type": "read", "seq": message["seq"]})).await;
        let button = message["buttons"].as_array().and_then(|buttons| buttons.first());
        if let Some(button) = button.filter(|button| button["url"].is_null()) {
            let payload =
                button["payload"].as_str().filter(|text| !text.is_empty()).or(button["title"].as_str());
            let choice = json!({"seq": message["seq"], "payload": payload});
            let chosen = json!({"type": "message", "client_id": Uuid::now_v7(), "choice": choice});
            self.say(&chosen).await;
        }
    }

    /// The socket has ended; the next line opens another.
    pub(super) fn hang_up(&mut self) {
        self.socket = None;
    }

    async fn open(&mut self, place: &Place, http: &weft_http::Client) -> Result<Heard> {
        let asked = Request::post(&place.page("sessions")).json(&json!({"name": self.name()}));
        let asked = match &self.token {
            Some(token) => asked.bearer(token),
            None => asked,
        };
        let opened = answer(http, asked).await?;
        let token = text(&opened, "session_token");
        let mut request = place.socket().into_client_request().map_err(Error::internal)?;
        let protocols = format!("weft.webchat.v1, token.{token}").parse().map_err(Error::internal)?;
        request.headers_mut().insert("sec-websocket-protocol", protocols);
        let (socket, _) = tokio_tungstenite::connect_async(request).await.map_err(Error::internal)?;
        let (sink, stream) = socket.split();
        (self.token, self.socket) = (Some(token), Some(sink));
        let number = self.number;
        let frames = stream.filter_map(|received| async move {
            serde_json::from_str::<Value>(received.ok()?.to_text().ok()?).ok()
        });
        let end = once(async move { (number, None) });
        Ok(frames.map(move |frame| (number, Some(frame))).chain(end).boxed())
    }

    async fn send_picture(&self, place: &Place, http: &weft_http::Client) -> Result<String> {
        let path = place.page(&format!("files?name=voucher.gif&client_id={}", Uuid::now_v7()));
        let sent = Request::post(&path).bytes("image/gif", Bytes::from_static(PICTURE));
        let token = self.token.as_deref().unwrap_or_default();
        Ok(text(&answer(http, sent.bearer(token)).await?, "upload"))
    }

    async fn say(&mut self, frame: &Value) {
        let Some(socket) = &mut self.socket else { return };
        if socket.send(Message::text(frame.to_string())).await.is_err() {
            self.hang_up();
        }
    }
}

fn text(answer: &Value, name: &str) -> String {
    answer.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

async fn answer(http: &weft_http::Client, request: Request) -> Result<Value> {
    let answer = http.send(request.host_class("weft")).await.map_err(Error::internal)?;
    if answer.status.is_success() {
        return serde_json::from_slice(&answer.body).map_err(Error::internal);
    }
    Err(Error::internal(format!("the chat refuses: {}", String::from_utf8_lossy(&answer.body))))
}
