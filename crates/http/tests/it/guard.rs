use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures::FutureExt;
use weft_http::{Client, Error, Lookup, Refusal, Request, Settings};

use crate::server::{Server, ok};

/// Finds these addresses, one list per question; the last one again and again.
fn lookup(answers: &'static [&'static [&'static str]]) -> (Lookup, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let lookup: Lookup = Arc::new(move |_| {
        let turn = count.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
        let found: Vec<IpAddr> = answers[turn].iter().map(|address| address.parse().unwrap()).collect();
        async move { Ok(found) }.boxed()
    });
    (lookup, asked)
}

#[tokio::test]
async fn a_name_with_one_bad_address_is_refused_before_connecting() {
    let server = Server::answering(ok("")).await;
    const ROWS: [(&[&[&str]], Refusal); 4] = [
        (&[&["127.0.0.1"]], Refusal::Private),
        (&[&["1.1.1.1", "127.0.0.1"]], Refusal::Private),
        (&[&["::ffff:10.0.0.1"]], Refusal::Private),
        (&[&["169.254.169.254"]], Refusal::Forbidden),
    ];
    for (answers, refusal) in ROWS {
        let client = Client::with_lookup(Settings::default(), lookup(answers).0).unwrap();
        let error = client.send(Request::get("http://example.org/")).await.unwrap_err();
        assert!(matches!(&error, Error::Refused(why) if *why == refusal), "{answers:?}: {error:?}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn metadata_behind_a_name_is_refused_even_where_private_is_allowed() {
    let settings = Settings { allow_private: true, ..Settings::default() };
    let client = Client::with_lookup(settings, lookup(&[&["169.254.169.254"]]).0).unwrap();
    let error = client.send(Request::get("http://example.org:8080/")).await.unwrap_err();
    assert!(matches!(error, Error::Refused(Refusal::Forbidden)), "{error:?}");
}

#[tokio::test]
async fn the_address_that_was_checked_is_the_one_connected_to() {
    let server = Server::answering(ok("")).await;
    let settings = Settings { allowed: vec!["127.0.0.1".parse().unwrap()], ..Settings::default() };
    // an attacker's name server turns round between the check and the call
    let (rebinding, asked) = lookup(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let client =
        Client::with_lookup(Settings { allow_private: true, ..settings.clone() }, rebinding).unwrap();
    client.send(Request::get(&format!("http://example.org:{}/", server.port))).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 1, "one question per connection");

    // the next connection asks again and is checked again
    let (rebinding, _) = lookup(&[&["10.0.0.1"]]);
    let client = Client::with_lookup(settings, rebinding).unwrap();
    let error = client.send(Request::get("http://example.org/")).await.unwrap_err();
    assert!(matches!(error, Error::Refused(Refusal::Private)), "{error:?}");
}

#[tokio::test]
async fn a_connection_that_is_not_http_is_guarded_alike() {
    let server = Server::answering(ok("")).await;
    let port = server.port;
    let refused = async |settings: Settings, answers, host: &str, port: u16| {
        let client = Client::with_lookup(settings, lookup(answers).0).unwrap();
        match client.dial(host, port, &[993]).await {
            Err(Error::Refused(refusal)) => Some(refusal),
            Err(error) => panic!("{host}: {error:?}"),
            Ok(_) => None,
        }
    };
    let near = || Settings { allow_private: true, ..Settings::default() };
    let here: &[&[&str]] = &[&["127.0.0.1"]];
    assert_eq!(refused(Settings::default(), here, "mail.example.org", 993).await, Some(Refusal::Private));
    assert_eq!(refused(Settings::default(), here, "127.0.0.1", 993).await, Some(Refusal::Private));
    assert_eq!(refused(Settings::default(), here, "[::1]", 993).await, Some(Refusal::Private));
    assert_eq!(
        refused(Settings::default(), &[&["1.1.1.1"]], "mail.example.org", 22).await,
        Some(Refusal::Port)
    );
    let both: &[&[&str]] = &[&["127.0.0.1", "169.254.169.254"]];
    assert_eq!(refused(near(), both, "mail.example.org", port).await, Some(Refusal::Forbidden));
    assert_eq!(refused(near(), here, "", port).await, Some(Refusal::NoHost));
    assert_eq!(refused(near(), here, "mail.example.org", port).await, None);
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_literal_private_address_is_refused() {
    let server = Server::answering(ok("")).await;
    let client = Client::new(Settings::default()).unwrap();
    let error = client.send(Request::get("http://127.0.0.1/")).await.unwrap_err();
    assert!(matches!(error, Error::Refused(Refusal::Private)), "{error:?}");
    assert!(server.seen().is_empty());
    assert_eq!(weft_domain::Error::from(error).reason(), "url_refused");
}
