use std::collections::BTreeSet;

use bytes::Bytes;
use prost_types::{Value as Field, value::Kind};
use serde_json::{Value, json};
use weft_domain::{TenantId, id, id::ChannelId};
use weft_http::{Client, Request};
use weft_proto::directory::v1::Account;

use crate::{
    rig::{Rig, Running},
    toy::{KIND, SECRET},
};

/// An account that calls to several call `id`.
fn account(rig: &Rig, channel: ChannelId, tenant: TenantId, id: &str, secret: &str) -> Account {
    let text = |value: &str| Field { kind: Some(Kind::StringValue(value.to_owned())) };
    let mut account = rig.account();
    account.channel_id = channel.to_string();
    account.tenant_id = tenant.to_string();
    account.settings.as_mut().unwrap().fields.insert("id".to_owned(), text(id));
    account.secrets.as_mut().unwrap().fields.insert("secret".to_owned(), text(secret));
    account
}

/// Calls the address of all accounts; gives the status and the body.
async fn hook(running: &Running, secret: &str, body: &Value) -> (u16, Bytes) {
    let client = Client::new(weft_http::Settings { allow_private: true, ..Default::default() }).unwrap();
    let request = Request::post(&format!("{}/hooks/{KIND}", running.base)).header(SECRET, secret);
    let answer = client.send(request.bytes("application/json", body.to_string().into())).await.unwrap();
    (answer.status.as_u16(), answer.body)
}

fn entry(id: &str, key: &str) -> Value {
    json!({"for": id, "key": key, "thread": "t1", "text": key})
}

/// Two accounts of two tenants in one app, and one of a third tenant that claims to be the second without its secret.
async fn start(rig: &Rig) -> (Running, [ChannelId; 3]) {
    let channels = [rig.channel, id::new(), id::new()];
    let others: [TenantId; 2] = [id::new(), id::new()];
    rig.fleet.put(account(rig, channels[0], rig.tenant, "A", "app secret"));
    rig.fleet.put(account(rig, channels[1], others[0], "B", "app secret"));
    rig.fleet.put(account(rig, channels[2], others[1], "B", "another secret"));
    let running = rig.start().await;
    for _ in &channels {
        rig.provider.call("/connect").await;
    }
    (running, channels)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_to_several_reaches_each_of_them_and_an_unknown_one_harms_nobody() {
    let telemetry = weft_telemetry::init_for_test();
    let rig = Rig::new().await;
    let (running, channels) = start(&rig).await;
    let mut incoming = rig.incoming().await;

    let entries = [entry("nobody", "k1"), entry("A", "k2"), entry("B", "k3"), entry("A", "k4")];
    let (status, body) = hook(&running, "app secret", &json!({"events": entries})).await;
    assert_eq!((status, &body[..]), (200, &b"took it"[..]));
    let mut came = BTreeSet::new();
    for _ in 0..3 {
        let event = incoming.next().await;
        came.insert((event.channel_id, event.key));
    }
    let of = |channel: usize, key: &str| (channels[channel].to_string(), key.to_owned());
    assert_eq!(came, BTreeSet::from([of(0, "k2"), of(0, "k4"), of(1, "k3")]));

    // the same call again is the same events
    assert_eq!(hook(&running, "app secret", &json!({"events": entries})).await.0, 200);
    assert_eq!(hook(&running, "app secret", &json!({"events": [entry("A", "last")]})).await.0, 200);
    assert_eq!(incoming.next().await.key, "last");
    let figures = telemetry.render_metrics();
    let unknown = "weft_channel_ignored_total{kind=\"toy\",reason=\"it is for an account that is not connected here\"} 2";
    assert!(figures.contains(unknown), "{figures}");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_to_several_is_refused_where_the_secret_is_wrong() {
    let rig = Rig::new().await;
    let (running, channels) = start(&rig).await;
    let mut incoming = rig.incoming().await;

    assert_eq!(
        hook(&running, "wrong", &json!({"events": [entry("A", "k1"), entry("B", "k2")]})).await.0,
        401
    );
    // nobody is asked to prove what concerns nobody
    assert_eq!(hook(&running, "wrong", &json!({"events": [entry("nobody", "k3")]})).await.0, 200);
    assert_eq!(
        hook(&running, "another secret", &json!({"events": [entry("A", "k4"), entry("B", "k5")]})).await.0,
        200
    );
    let event = incoming.next().await;
    assert_eq!((event.channel_id, event.key), (channels[2].to_string(), "k5".to_owned()));
    assert_eq!(incoming.unseen(), 0);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_greeting_at_the_address_of_all_is_answered_for_whoever_knows_its_secret() {
    let rig = Rig::new().await;
    let (running, _) = start(&rig).await;
    let client = Client::new(weft_http::Settings { allow_private: true, ..Default::default() }).unwrap();
    let greet = async |secret: &str| {
        let url = format!("{}/hooks/{KIND}?challenge=7", running.base);
        client.send(Request::get(&url).header(SECRET, secret)).await.unwrap()
    };
    let greeted = greet("another secret").await;
    assert_eq!((greeted.status.as_u16(), &greeted.body[..]), (200, &b"7 at "[..]));
    assert_eq!(greet("wrong").await.status, 401);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_nobody_told_us_of_is_asked_for() {
    let rig = Rig::new().await;
    let (running, _) = start(&rig).await;
    let mut incoming = rig.incoming().await;
    let late = id::new();
    rig.fleet.put(account(&rig, late, rig.tenant, "C", "app secret"));

    assert_eq!(hook(&running, "app secret", &json!({"events": [entry("C", "k1")]})).await.0, 200);
    let event = incoming.next().await;
    assert_eq!((event.channel_id, event.key), (late.to_string(), "k1".to_owned()));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_let_go_is_called_no_more() {
    let mut rig = Rig::new().await;
    rig.fleet.put(account(&rig, rig.channel, rig.tenant, "A", "app secret"));
    let running = rig.start().await;
    rig.connected().await;
    let off = account(&rig, rig.channel, rig.tenant, "A", "app secret");
    rig.fleet.put(Account { enabled: false, version: 2, ..off });
    rig.changed().await;
    assert_eq!(rig.health().await.0, weft_proto::directory::v1::health::Status::Disabled);

    let mut incoming = rig.incoming().await;
    assert_eq!(hook(&running, "app secret", &json!({"events": [entry("A", "k1")]})).await.0, 200);
    assert_eq!(incoming.unseen(), 0);
    running.stop().await;
}
