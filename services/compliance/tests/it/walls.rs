use std::sync::Mutex;

use rstest::rstest;
use sea_orm::ConnectionTrait;
use tokio_util::sync::CancellationToken;
use weft_compliance::verify::verify;
use weft_domain::{TenantId, id};
use weft_proto::{
    Intent,
    compliance::v1::{AuditRecord, ListAuditLogRequest},
    json,
};
use weft_store::{Pending, Store, Topic};

use crate::rig::{Engines, Home, event, numbered, public_key, publish, record};

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_can_no_longer_be_read_and_the_chain_stays_whole(#[case] engines: Engines) {
    let home = Home::new(engines).await;
    let replica = home.replica_on(home.bus.clone(), |config| config.checkpoint_entries = 3).await;
    let (tenant, anna, ben) = (id::new(), id::new(), id::new::<id::User>());
    let events = [anna.to_string(), ben.to_string(), String::new()];
    publish(&home.bus, events.iter().map(|user| event(tenant, &record(user, "session.login"))).collect())
        .await;
    let before = replica.export_of(tenant, 3).await;
    assert!(before.iter().all(|entry| entry.personal.is_empty() && !entry.sealed.is_empty()));
    let addresses = async || {
        let page = replica.list(tenant, ListAuditLogRequest::default()).await;
        let mut told: Vec<_> = page.items.into_iter().map(|entry| (entry.user, entry.personal)).collect();
        told.reverse();
        told.into_iter().map(|(user, personal)| (user, personal.len())).collect::<Vec<_>>()
    };
    let readable = |counts: [usize; 3]| events.iter().cloned().zip(counts).collect::<Vec<_>>();
    assert_eq!(addresses().await, readable([1, 1, 1]));

    let store = home.store().await;
    weft_compliance::erase_person(&store, tenant, anna, "command line").await.unwrap();
    assert_eq!(addresses().await, readable([0, 1, 1]));
    let again = weft_compliance::erase_person(&store, tenant, anna, "command line").await;
    assert_eq!(again.unwrap_err().reason(), "not_found");

    let after = replica.export(tenant).await;
    assert_eq!(after, before);
    let checkpoints = replica.checkpoints_of(tenant, 3).await;
    assert_eq!(verify(&after, &checkpoints, &public_key(&home)).unwrap().covered, 3);
    assert_eq!(told(&store).await, ["audit.erase"]);
    replica.stop().await;
}

/// What a store tells the audit log, the reading of the log apart.
async fn told(store: &Store) -> Vec<String> {
    let mark = &Intent::without_request("test", "mark");
    store.tenant(id::new()).write(|tx| async move { tx.audit(mark) }).await.unwrap();
    let (heard, stop) = (&Mutex::new(Vec::new()), &CancellationToken::new());
    let sink = |pending: Vec<Pending>| async move {
        for one in pending.iter().filter(|one| one.topic == Topic::Audit) {
            let record: AuditRecord = json::decode(&one.body)?;
            match record.action.as_str() {
                "mark" => stop.cancel(),
                "audit.read" | "audit.export" => {}
                _ => heard.lock().unwrap().push(record.action),
            }
        }
        Ok(())
    };
    store.relay(sink, stop.clone()).await.unwrap();
    heard.lock().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_may_add_to_the_log_and_read_it_and_nothing_else() {
    let home = Home::new(Engines::Real).await;
    let replica = home.replica_on(home.bus.clone(), |config| config.checkpoint_entries = 2).await;
    let tenant: TenantId = id::new();
    publish(&home.bus, numbered(tenant, 2)).await;
    replica.checkpoints_of(tenant, 2).await;
    let database = home.database.as_ref().unwrap();
    for url in [&database.service_url, &database.system_url] {
        let connection = sea_orm::Database::connect(url).await.unwrap();
        for table in ["audit_entry", "audit_object", "audit_checkpoint"] {
            for change in ["UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}", "TRUNCATE {}"] {
                let sql = change.replace("{}", &format!("compliance.{table}"));
                let sql = format!("SET app.tenant = '{}'; {sql}", tenant.uuid());
                let refused = connection.execute_unprepared(&sql).await.unwrap_err().to_string();
                assert!(refused.contains("permission denied"), "{sql}: {refused}");
            }
        }
    }
    replica.stop().await;
}
