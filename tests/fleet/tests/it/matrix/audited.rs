//! AD-1, for every method that `proto/` knows: what was done is in the audit log once, what was refused is not.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use rstest::rstest;
use sea_orm::FromQueryResult;
use serde_json::{Value, json};
use weft_domain::{TenantId, id};
use weft_proto::{
    Intent,
    operation::{Operation, field_rules},
};
use weft_store::Purpose;
use weft_tests_fleet::{Client, Engines, Fleet};

use super::{
    callers::{self, Caller, Verdict},
    doomed_thing, fits, fleet, id_of, never_was, refresh_token,
    requests::{Call, IdField, Requests, id_fields},
    rest_operations,
    things::Things,
};

/// The services that tell the audit log what they do.
const SERVICES: [&str; 7] =
    ["directory", "conversation", "automation", "analytics", "compliance", "dead-letters", "voice"];

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn every_audited_method_leaves_one_entry_when_it_succeeds_and_none_when_it_is_refused(
    #[case] engines: Engines,
) {
    let fleet = fleet(engines).await;
    let admin = fleet.admin().await;
    let things = Things::make(&fleet, &admin).await;
    let callers = callers::all(&fleet, &admin).await;
    let operator = callers.iter().find(|caller| caller.name == "an operator").unwrap();
    let requests = Requests::new(refresh_token(&fleet).await);
    let audited = rest_operations().into_iter().filter(|operation| !operation.policy.audit.is_empty());
    let (mut faults, mut tried) = (Vec::new(), 0);
    let mut before = settled(&fleet).await;
    for operation in audited {
        tried += 1;
        let action = operation.policy.audit.as_str();
        let doomed = doomed_thing(&admin, &things, operation, Verdict::Allowed).await;
        refuse(operator, operation, &requests, &mut faults).await;
        let id = |field: &IdField| id_of(field, doomed.as_ref(), &things);
        let call = requests.call(operation, &id);
        let (status, body) = send(&operator.client, &call).await;
        if !fits(operation, Verdict::Allowed, status, &body) {
            faults.push(format!("{}: {status} {body}", operation.name));
        }
        let done = i64::from((200..300).contains(&status));
        let was = before.get(action).copied().unwrap_or_default();
        // a mark of another tenant may be read before what came before it
        let is_told = async || entries(&fleet, action, "").await >= was + done;
        let waited = Instant::now();
        while !is_told().await && waited.elapsed() < Duration::from_secs(20) {
            tokio::task::yield_now().await;
        }
        let after = settled(&fleet).await;
        let told = after.get(action).copied().unwrap_or_default() - was;
        if told != done {
            faults.push(format!("{action}: {told} entries instead of {done}"));
        }
        before = after;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(tried >= 15, "only {tried} methods are audited");
    assert_eq!(entries(&fleet, "", "AND actor = ''").await, 0, "every entry says who it was");
    fleet.stop().await;
}

/// What is asked for wrongly, or for a thing that is not there.
async fn refuse(caller: &Caller, operation: &Operation, requests: &Requests, faults: &mut Vec<String>) {
    let http = operation.http.as_ref().unwrap();
    if http.verb == "GET" {
        return;
    }
    let mut call = requests.call(operation, &|field| never_was(&field.kind));
    if id_fields(&operation.input, "").is_empty() {
        if !operation.input.fields().any(|field| field_rules(&field).required) {
            return;
        }
        call.body = Some(json!({}));
    }
    let (status, body) = send(&caller.client, &call).await;
    if !(400..500).contains(&status) {
        faults.push(format!("{} asked for wrongly: {status} {body}", operation.name));
    }
}

async fn send(client: &Client, call: &Call) -> (u16, Value) {
    client.call(call.verb, &call.path, call.body.as_ref()).await
}

/// How many entries there are of each action once nothing more is on its way: all that was done so far has been read.
async fn settled(fleet: &Fleet) -> HashMap<String, i64> {
    let mark: TenantId = id::new();
    // Outboxes and the bus keep their order: with a mark of each service chained, what came before it is.
    for service in SERVICES {
        let intent = &Intent::without_request(service, "mark");
        let scope = fleet.process().store(service).unwrap().tenant(mark);
        scope.write(|tx| async move { tx.audit(intent) }).await.unwrap();
    }
    let marked = format!("AND tenant_id = {}", literal(fleet, mark));
    let all = i64::try_from(SERVICES.len()).unwrap();
    weft_testkit::eventually("the audit log has caught up", Duration::from_secs(20), async || {
        (entries(fleet, "mark", &marked).await == all).then_some(())
    })
    .await;
    let store = fleet.process().store("compliance").unwrap();
    let sql = "SELECT action, COUNT(*) AS number FROM audit_entry GROUP BY action";
    let system = store.system(Purpose::FindChanged).await.unwrap();
    let rows: Vec<CountedAction> = system.query(sql, Vec::new()).await.unwrap();
    rows.into_iter().map(|row| (row.action, row.number)).collect()
}

/// SQLite keeps ids as bytes.
fn literal(fleet: &Fleet, tenant: TenantId) -> String {
    match fleet.process().store("compliance").unwrap().is_postgres() {
        true => format!("'{}'", tenant.uuid()),
        false => format!("x'{}'", tenant.uuid().simple()),
    }
}

#[derive(FromQueryResult)]
struct CountedAction {
    action: String,
    number: i64,
}

#[derive(FromQueryResult)]
struct Counted {
    number: i64,
}

async fn entries(fleet: &Fleet, action: &str, besides: &str) -> i64 {
    let store = fleet.process().store("compliance").unwrap();
    let only = if action.is_empty() { String::new() } else { format!("AND action = '{action}'") };
    let sql = format!("SELECT COUNT(*) AS number FROM audit_entry WHERE 1 = 1 {only} {besides}");
    let system = store.system(Purpose::FindChanged).await.unwrap();
    let rows: Vec<Counted> = system.query(&sql, Vec::new()).await.unwrap();
    rows[0].number
}
