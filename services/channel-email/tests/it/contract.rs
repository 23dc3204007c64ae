//! The contract of all adapters, in the mode that speaks HTTP.

use std::sync::Arc;

use serde_json::json;
use weft_channel::WebhookCall;
use weft_channel_email::{Email, Migrator, simulator::ADDRESS};
use weft_channel_testkit::{Played, Samples, contract};
use weft_crypto::Kek;
use weft_domain::SystemClock;
use weft_store::{Settings, Store, vault::Vault};
use weft_testkit::temp_dir;

use crate::{
    gmail_push::{SERVICE_ACCOUNT, TOPIC, push},
    rig::ANA,
};

#[tokio::test]
async fn the_contract_of_all_adapters_holds() {
    let (folder, clock) = (temp_dir(), Arc::new(SystemClock));
    let vault = Vault::new(Arc::new(Kek::generate()), "channel-email");
    let database = Settings::sqlite(folder.path());
    let store = Store::connect(&database, "channel-email", vault, clock.clone()).await.unwrap();
    store.migrate::<Migrator>().await.unwrap();
    let webhook: WebhookCall = push(ADDRESS);
    let samples = Samples {
        settings: json!({
            "mode": "gmail", "address": ADDRESS, "client_id": "client-of-the-example",
            "pubsub_topic": TOPIC, "pubsub_service_account": SERVICE_ACCOUNT,
        }),
        secrets: json!({
            "client_secret": "client-secret-of-the-example", "refresh_token": "refresh-token-of-the-example",
            "reply_key": "reply-key-of-the-example",
        }),
        thread_id: ANA.to_owned(),
        accepted: Played::json(json!({"id": "18d1", "threadId": "18d0", "labelIds": ["SENT"]})),
        webhook,
        signature_header: "authorization",
    };
    contract(&Email::new(store, clock), &samples).await;
}
