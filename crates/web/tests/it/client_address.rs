use std::net::SocketAddr;

use axum::{Router, extract::ConnectInfo, routing::get};
use weft_web::{ClientAddress, Edge};

use crate::support::{call, get as fetch};

async fn found(peer: &str, forwarded: &[&str], trusted_hops: usize) -> String {
    let routes =
        Router::new().route("/", get(async |ClientAddress(address): ClientAddress| address.to_string()));
    let mut request = fetch("/");
    request.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
    for line in forwarded {
        request.headers_mut().append("x-forwarded-for", line.parse().unwrap());
    }
    let response = call(Edge { trusted_hops, ..Edge::default() }.around(routes), request).await;
    let bytes = axum::body::to_bytes(response.into_body(), 100).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn only_what_trusted_proxies_appended_counts() {
    let proxy = "10.0.0.1:5";
    assert_eq!(
        found("192.0.2.1:5", &["6.6.6.6"], 0).await,
        "192.0.2.1",
        "no proxy: the header is the client's"
    );
    assert_eq!(found(proxy, &["6.6.6.6, 192.0.2.1"], 1).await, "192.0.2.1");
    assert_eq!(found(proxy, &["6.6.6.6, 192.0.2.1, 10.0.0.2"], 2).await, "192.0.2.1");
    assert_eq!(found(proxy, &["6.6.6.6", "192.0.2.1"], 1).await, "192.0.2.1", "several lines are one list");
}

#[tokio::test]
async fn without_a_readable_hop_it_is_the_peer() {
    let proxy = "10.0.0.1:5";
    assert_eq!(found(proxy, &[], 1).await, "10.0.0.1");
    assert_eq!(found(proxy, &["192.0.2.1"], 2).await, "10.0.0.1", "somebody came past a proxy");
    assert_eq!(found(proxy, &["nonsense"], 1).await, "10.0.0.1");
}

#[tokio::test]
async fn all_ways_of_writing_an_address_are_read() {
    let proxy = "10.0.0.1:5";
    assert_eq!(found(proxy, &["192.0.2.1:4711"], 1).await, "192.0.2.1");
    assert_eq!(found(proxy, &["[2001:db8::1]:4711"], 1).await, "2001:db8::1");
    assert_eq!(found(proxy, &["2001:db8::1"], 1).await, "2001:db8::1");
    assert_eq!(found("[::ffff:192.0.2.1]:5", &[], 0).await, "192.0.2.1");
}
