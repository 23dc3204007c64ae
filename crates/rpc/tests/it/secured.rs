//! Calls between processes with certificates on both sides (AU-13).

use std::{net::SocketAddr, sync::Arc};

use axum::{Router, routing::post};
use http::HeaderValue;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, sync::DropGuard, task::TaskTracker};
use tonic::{Code, Status, service::Routes};
use weft_auth::{Authority, FleetIdentity};
use weft_domain::SystemClock;
use weft_proto::directory::v1::{GetAccountRequest, channel_accounts_client::ChannelAccountsClient};
use weft_rpc::{Channels, ClientAuth, Server, Tls};
use weft_testkit::{Certificate, Certificates, TempDir, temp_dir};

const METHOD: &str = "/weft.directory.v1.ChannelAccounts/GetAccount";
const REACHED: Code = Code::Unimplemented;

/// A directory that shows a certificate, and answers calls that reach it with `REACHED`.
struct Secured {
    address: SocketAddr,
    ours: Certificates,
    theirs: Certificates,
    _folder: TempDir,
    _stop: DropGuard,
}

async fn secured(names: &[&str]) -> Secured {
    let folder = temp_dir();
    let (ours, theirs) =
        (Certificates::new(folder.path(), "ours"), Certificates::new(folder.path(), "theirs"));
    let method = post(|| async {
        let mut answer = Status::new(REACHED, "").into_http::<axum::body::Body>();
        answer.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
        answer
    });
    let routes = Routes::from(Router::new().route(METHOD, method));
    let server = Server::new(routes, authority("directory")).secured(tls(&ours, &ours.issue(names)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    TaskTracker::new().spawn(server.serve_tcp(listener, stop.clone().cancelled_owned()));
    Secured { address, ours, theirs, _folder: folder, _stop: stop.drop_guard() }
}

fn authority(service: &str) -> Authority {
    let identity = FleetIdentity::new(service, &"s".repeat(32).into()).unwrap();
    Authority::new(identity, Arc::new(SystemClock))
}

fn tls(authority: &Certificates, own: &Certificate) -> Tls {
    Tls::read(&authority.ca_file(), &own.cert_file, &own.key_file).unwrap()
}

/// Calls as `service` says to be.
async fn call(channels: &Channels, service: &str) -> Status {
    let client = ClientAuth::client(channels.to("directory").unwrap(), authority(service));
    ChannelAccountsClient::new(client).get_account(GetAccountRequest::default()).await.unwrap_err()
}

impl Secured {
    fn with(&self, tls: Tls) -> Channels {
        let mut channels = Channels::secured(tls);
        channels.remote("directory", &format!("https://{}", self.address)).unwrap();
        channels
    }
}

fn causes(status: &Status) -> String {
    format!("{status:?}")
}

#[tokio::test]
async fn a_service_with_its_own_certificate_gets_through() {
    let secured = secured(&["directory"]).await;
    let channels = secured.with(tls(&secured.ours, &secured.ours.issue(&["media"])));
    assert_eq!(call(&channels, "media").await.code(), REACHED);
}

#[tokio::test]
async fn a_service_that_says_to_be_another_is_refused() {
    let secured = secured(&["directory"]).await;
    let channels = secured.with(tls(&secured.ours, &secured.ours.issue(&["channel-echo"])));
    let refused = call(&channels, "conversation").await;
    assert_eq!(refused.code(), Code::Unauthenticated);
    assert!(refused.message().contains("certificate"), "{refused}");
    assert_eq!(call(&channels, "channel-echo").await.code(), REACHED);
}

#[tokio::test]
async fn a_server_of_another_authority_or_service_is_refused_with_the_reason() {
    let secured = secured(&["media"]).await;
    let own = secured.ours.issue(&["conversation"]);
    let by_name = call(&secured.with(tls(&secured.ours, &own)), "conversation").await;
    assert_eq!(by_name.code(), Code::Unavailable);
    assert!(causes(&by_name).contains("NotValidForName"), "{by_name:?}");
    let by_authority = call(&secured.with(tls(&secured.theirs, &own)), "conversation").await;
    assert_eq!(by_authority.code(), Code::Unavailable);
    assert!(causes(&by_authority).contains("UnknownIssuer"), "{by_authority:?}");
}

#[tokio::test]
async fn a_caller_without_tls_or_without_our_certificate_is_refused() {
    let secured = secured(&["directory"]).await;
    let stranger = secured.theirs.issue(&["media"]);
    let strange = call(&secured.with(tls(&secured.ours, &stranger)), "media").await;
    assert_ne!(strange.code(), REACHED, "{strange:?}");
    let mut plain = Channels::default();
    plain.remote("directory", &format!("http://{}", secured.address)).unwrap();
    let refused = call(&plain, "media").await;
    assert_ne!(refused.code(), REACHED, "{refused:?}");
}

#[tokio::test]
async fn an_address_without_tls_is_said_at_start() {
    let folder = temp_dir();
    let ours = Certificates::new(folder.path(), "ours");
    let mut channels = Channels::secured(tls(&ours, &ours.issue(&["media"])));
    let error = channels.remote("directory", "http://directory:9000").unwrap_err();
    assert_eq!(error.field(), Some("peers.directory"));
    assert!(error.message().contains("https://"), "{error}");
    let error = Channels::default().remote("directory", "https://directory:9000").unwrap_err();
    assert_eq!(error.field(), Some("peers.directory"));
    let missing = Tls::read(&folder.path().join("none.crt"), &ours.ca_file(), &ours.ca_file()).err().unwrap();
    assert_eq!(missing.reason(), "certificate_unreadable");
}
