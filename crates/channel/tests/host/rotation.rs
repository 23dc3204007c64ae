use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::{TimeDelta, Utc};
use prost_types::{Struct, Value as Field, value::Kind};
use serde_json::json;
use weft_proto::{convert::timestamp, directory::v1::Account};

use crate::rig::{Rig, Running};

fn secrets(secret: &str) -> Option<Struct> {
    let text = Field { kind: Some(Kind::StringValue(secret.to_owned())) };
    Some(Struct { fields: [("secret".to_owned(), text)].into() })
}

/// The account with a new secret, beside the one before for a while.
fn rotated(rig: &Rig, version: u64, grace: TimeDelta) -> Account {
    Account {
        version,
        secrets: secrets("new"),
        previous_secrets: secrets("hush"),
        previous_secrets_until: Some(timestamp(Utc::now() + grace)),
        ..rig.account()
    }
}

/// What webhooks with these secrets are answered.
async fn answers<const N: usize>(rig: &Rig, running: &Running, secrets: [&str; N]) -> [u16; N] {
    let mut statuses = [0; N];
    for (status, secret) in statuses.iter_mut().zip(secrets) {
        let body = json!({"events": []}).to_string();
        *status = rig.hook_with(running, secret, &rig.channel.to_string(), body).await.status.as_u16();
    }
    statuses
}

#[tokio::test(flavor = "multi_thread")]
async fn both_secrets_prove_a_call_for_a_while_and_then_only_the_new_one() {
    let mut rig = Rig::new().await;
    let mut log = rig.log().await;
    let running = rig.start().await;
    rig.connected().await;
    assert_eq!(answers(&rig, &running, ["hush", "wrong"]).await, [200, 401]);

    // nobody has told this replica yet: the first call with the new secret makes it look
    rig.fleet.put(rotated(&rig, 2, TimeDelta::hours(1)));
    weft_testkit::eventually("the account is looked at anew", crate::rig::PATIENCE, async || {
        (answers(&rig, &running, ["new"]).await == [200]).then_some(())
    })
    .await;
    assert_eq!(answers(&rig, &running, ["hush", "new", "wrong"]).await, [200, 200, 401]);
    loop {
        // whoever looks into the log learns that the old one is still in use
        if log.line("webhook").await.code == "previous_secrets" {
            break;
        }
    }

    rig.fleet.put(rotated(&rig, 3, TimeDelta::seconds(-1)));
    rig.changed().await;
    rig.connected().await;
    assert_eq!(answers(&rig, &running, ["hush", "new"]).await, [401, 200]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_while_a_secret_is_replaced_under_load() {
    let mut rig = Rig::new().await;
    let running = rig.start().await;
    rig.connected().await;
    // the provider signs with the new secret once it was told, which is when the account is connected again
    let told = AtomicBool::new(false);
    let enough = AtomicBool::new(false);
    let (sent, by_new) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let channel = rig.channel.to_string();
    let hooks = async |worker: usize| {
        while !enough.load(Ordering::SeqCst) {
            let secret = if told.load(Ordering::SeqCst) { "new" } else { "hush" };
            let number = sent.fetch_add(1, Ordering::SeqCst);
            let entry = json!({"key": format!("{worker}:{number}"), "thread": "t1", "text": "hello"});
            let body = json!({"events": [entry]}).to_string();
            let answer = rig.hook_with(&running, secret, &channel, body).await;
            assert_eq!(answer.status, 200, "signed with {secret}");
            by_new.fetch_add(usize::from(secret == "new"), Ordering::SeqCst);
        }
    };
    let rotation = async {
        reached(&sent, 100).await;
        rig.fleet.put(rotated(&rig, 2, TimeDelta::hours(1)));
        rig.changed().await;
        rig.provider.call("/connect").await;
        rig.provider.call("/connect").await;
        told.store(true, Ordering::SeqCst);
        reached(&by_new, 100).await;
        enough.store(true, Ordering::SeqCst);
    };
    tokio::join!(rotation, hooks(1), hooks(2), hooks(3), hooks(4));
    let mut incoming = rig.incoming().await;
    for _ in 0..sent.load(Ordering::SeqCst) {
        incoming.next().await;
    }
    println!("ROTATION webhooks={} lost=0", sent.load(Ordering::SeqCst));
    running.stop().await;
}

async fn reached(counter: &AtomicUsize, number: usize) {
    weft_testkit::eventually("enough webhooks", crate::rig::PATIENCE, async || {
        (counter.load(Ordering::SeqCst) >= number).then_some(())
    })
    .await;
}
