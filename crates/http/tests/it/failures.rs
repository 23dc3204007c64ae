use std::{io, sync::Arc, time::Duration};

use futures::{FutureExt, TryStreamExt};
use tokio::net::TcpListener;
use weft_http::{Client, Error, Lookup, Request, Settings};

use crate::{
    client,
    server::{Reply, Server, ok},
};

#[tokio::test]
async fn no_connection_means_surely_not_sent() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let no_tls = Server::answering(ok("")).await;
    let no_such_host: Lookup =
        Arc::new(|_| async { Err(io::Error::new(io::ErrorKind::NotFound, "no such host")) }.boxed());
    let settings = Settings { allow_private: true, ..Settings::default() };
    let client = Client::with_lookup(settings, no_such_host).unwrap();
    for url in [
        format!("http://{free}/"),
        format!("https://127.0.0.1:{}/", no_tls.port),
        "http://no-such-host.example/".to_owned(),
    ] {
        let error = client.send(Request::post(&url)).await.unwrap_err();
        assert!(matches!(error, Error::Unreachable(_)) && error.is_surely_not_sent(), "{url}: {error:?}");
    }
}

#[tokio::test]
async fn a_host_that_takes_no_connection_is_unreachable() {
    // a listener with a full backlog: the kernel answers no further handshake
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut held = Vec::new();
    let dial = || tokio::time::timeout(Duration::from_millis(200), tokio::net::TcpStream::connect(address));
    while let Ok(stream) = dial().await {
        held.push(stream.unwrap());
    }
    let settings =
        Settings { allow_private: true, connect_timeout: Duration::from_millis(100), ..Settings::default() };
    let error =
        Client::new(settings).unwrap().send(Request::post(&format!("http://{address}/"))).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn a_connection_lost_after_sending_means_perhaps_sent() {
    let silent = Server::start(|_| Reply::Hang).await;
    let closing = Server::answering("").await;
    let halfway = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345").await;
    for server in [silent, closing, halfway] {
        let call = Request::post(&server.url("/")).timeout(Duration::from_millis(300));
        let error = client().send(call).await.unwrap_err();
        assert!(matches!(error, Error::Interrupted(_)) && !error.is_surely_not_sent(), "{error:?}");
        assert_eq!(server.seen().len(), 1, "it is not sent again");
    }
}

#[tokio::test]
async fn a_download_that_stops_arriving_is_interrupted() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345").await;
    let download = client().download(Request::get(&server.url("/"))).await.unwrap();
    let error = download.into_stream().try_collect::<Vec<_>>().await.unwrap_err();
    assert!(matches!(error, Error::Interrupted(_)), "{error:?}");
}

#[tokio::test]
async fn no_error_shows_the_url() {
    let server = Server::answering("").await;
    for url in [server.url("/bot-canary/send?canary"), "http://127.0.0.1:1/bot-canary".to_owned()] {
        let error = client().send(Request::post(&url)).await.unwrap_err();
        let mut shown = format!("{error} {error:?}");
        let mut source: Option<&dyn std::error::Error> = Some(&error);
        while let Some(cause) = source {
            shown.push_str(&cause.to_string());
            source = cause.source();
        }
        assert!(!shown.contains("canary"), "{shown}");
    }
}
