use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use bytes::Bytes;
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpSocket, sync::Semaphore, time::timeout};

const PATIENCE: Duration = Duration::from_secs(30);

/// Kept-alive HTTP/1.1 connections to some replicas, as a provider holds them; who finds none free waits in line.
pub struct Hose {
    replicas: Vec<SocketAddr>,
    from: Ipv4Addr,
    free: Mutex<Vec<SendRequest<Full<Bytes>>>>,
    places: Semaphore,
    next: AtomicUsize,
}

/// What was answered.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Bytes,
}

impl Hose {
    /// At most `each` connections to each of `replicas`, from the address `127.0.0.from`.
    pub fn new(replicas: Vec<SocketAddr>, each: usize, from: u8) -> Self {
        let places = Semaphore::new(each * replicas.len());
        let from = Ipv4Addr::new(127, 0, 0, from);
        Self { replicas, from, free: Mutex::default(), places, next: AtomicUsize::new(0) }
    }

    /// One call. `begun` is told when a connection was free for it.
    pub async fn call(&self, call: Call<'_>, begun: impl FnOnce()) -> Result<Answer> {
        let _place = self.places.acquire().await?;
        let free = self.free.lock().unwrap().pop().filter(|sender| !sender.is_closed());
        let mut sender = match free {
            Some(sender) => sender,
            None => self.connect().await?,
        };
        begun();
        let answered =
            timeout(PATIENCE, exchange(&mut sender, call)).await.context("no answer in 30 s")??;
        self.free.lock().unwrap().push(sender);
        Ok(answered)
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let socket = TcpSocket::new_v4()?;
        socket.bind((self.from, 0).into())?;
        let stream = socket.connect(self.replicas[turn % self.replicas.len()]).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }
}

/// What is asked.
pub struct Call<'a> {
    /// The path with its query.
    pub path: &'a str,
    /// A header of its own.
    pub header: (&'a str, &'a str),
    /// What is posted; none: it is a `GET`.
    pub body: Option<String>,
}

async fn exchange(sender: &mut SendRequest<Full<Bytes>>, call: Call<'_>) -> Result<Answer> {
    sender.ready().await?;
    let method = if call.body.is_some() { Method::POST } else { Method::GET };
    let request = Request::builder()
        .method(method)
        .uri(call.path)
        .header(header::HOST, "weft")
        .header(header::CONTENT_TYPE, "application/json")
        .header(call.header.0, call.header.1)
        .body(Full::from(call.body.unwrap_or_default()))?;
    let response = sender.send_request(request).await?;
    let status = response.status().as_u16();
    Ok(Answer { status, body: response.into_body().collect().await?.to_bytes() })
}
