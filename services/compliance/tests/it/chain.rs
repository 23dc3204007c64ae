use futures::future::join_all;
use rstest::rstest;
use weft_compliance::verify::verify;
use weft_domain::{Role, id};
use weft_proto::{
    compliance::v1::{AuditRecord, ListAuditLogRequest},
    convert::timestamp,
};

use crate::rig::{Engines, Home, event, numbered, open_bus, publish, record};

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn records_become_one_unbroken_chain_and_a_repeated_one_is_chained_once(#[case] engines: Engines) {
    let home = Home::new(engines).await;
    let replica = home.replica().await;
    let (ours, theirs) = (id::new(), id::new());
    let events = numbered(ours, 30);
    publish(&home.bus, events.clone()).await;
    publish(&home.bus, numbered(theirs, 5)).await;
    replica.export_of(ours, 30).await;
    // Another bus knows nothing of these ids, as this one in two minutes.
    let other = open_bus(format!("embedded:{}", home.folder.path().join("other-bus").display())).await;
    let second = home.replica_on(other.clone(), |_| {}).await;
    publish(&other, events).await;
    publish(&other, vec![event(ours, &record("user_a", "last"))]).await;
    let entries = replica.export_of(ours, 31).await;
    let proven = verify(&entries, &[], &[]).unwrap();
    assert_eq!((proven.entries, proven.tenant), (31, ours.to_string()));
    let actions: Vec<_> = entries.iter().map(|entry| entry.action.clone()).collect();
    let expected: Vec<_> =
        (0..30).map(|number| format!("test.{number}")).chain(["last".to_owned()]).collect();
    assert_eq!(actions, expected);
    assert_eq!(verify(&replica.export_of(theirs, 5).await, &[], &[]).unwrap().entries, 5);
    replica.stop().await;
    second.stop().await;
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_make_one_unbroken_chain_of_two_thousand_entries(#[case] engines: Engines) {
    let home = Home::new(engines).await;
    let tenant = id::new();
    // Two buses, so that both replicas really work at the same time: only the database is between them.
    let other = open_bus(format!("embedded:{}", home.folder.path().join("other-bus").display())).await;
    let replicas = [home.replica().await, home.replica_on(other.clone(), |_| {}).await];
    let send = async |bus: &weft_bus::Bus| {
        for _ in 0..50 {
            publish(bus, numbered(tenant, 20)).await;
        }
    };
    join_all([send(&home.bus), send(&other)]).await;
    let entries = replicas[0].export_of(tenant, 2_000).await;
    assert_eq!(verify(&entries, &[], &[]).unwrap().entries, 2_000);
    let [one, two] = replicas;
    one.stop().await;
    two.stop().await;
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_leaves_is_followed_by_the_other_without_a_gap(#[case] engines: Engines) {
    let home = Home::new(engines).await;
    let tenant = id::new();
    let (one, two) = (home.replica().await, home.replica().await);
    publish(&home.bus, numbered(tenant, 1_000)).await;
    one.export_of(tenant, 1).await;
    one.stop().await;
    publish(&home.bus, numbered(tenant, 1_000)).await;
    let entries = two.export_of(tenant, 2_000).await;
    assert_eq!(verify(&entries, &[], &[]).unwrap().entries, 2_000);
    two.stop().await;
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn entries_are_found_by_who_what_on_what_and_when(#[case] engines: Engines) {
    let home = Home::new(engines).await;
    let replica = home.replica().await;
    let tenant = id::new();
    let at = |second: i64| chrono::DateTime::from_timestamp(1_767_225_600 + second, 0).unwrap();
    let events = (0..10_i64).map(|number| {
        let user = if number % 2 == 0 { "user_even" } else { "user_odd" };
        event(
            tenant,
            &AuditRecord {
                at: Some(timestamp(at(number))),
                objects: vec![format!("conv_{}", number / 5)],
                ..record(user, if number < 3 { "first" } else { "then" })
            },
        )
    });
    publish(&home.bus, events.collect()).await;
    replica.export_of(tenant, 10).await;
    let found = async |request: ListAuditLogRequest| {
        let page = replica.list(tenant, request).await;
        page.items.iter().map(|entry| entry.seq).collect::<Vec<_>>()
    };
    let all = ListAuditLogRequest::default;
    assert_eq!(
        found(ListAuditLogRequest { actor: Some("user_odd".into()), ..all() }).await,
        [10, 8, 6, 4, 2]
    );
    assert_eq!(found(ListAuditLogRequest { action: Some("first".into()), ..all() }).await, [3, 2, 1]);
    assert_eq!(found(ListAuditLogRequest { object: Some("conv_0".into()), ..all() }).await, [5, 4, 3, 2, 1]);
    let span = ListAuditLogRequest {
        from: Some(timestamp(at(4))),
        to: Some(timestamp(at(6))),
        actor: Some(String::new()),
        ..all()
    };
    assert_eq!(found(span).await, [6, 5]);
    let mut seen = Vec::new();
    let mut page_token = String::new();
    loop {
        let page = replica.list(tenant, ListAuditLogRequest { page_size: 4, page_token, ..all() }).await;
        seen.extend(page.items.iter().map(|entry| entry.seq));
        if page.next_page_token.is_empty() {
            break;
        }
        page_token = page.next_page_token;
    }
    assert_eq!(seen, (1..=10).rev().collect::<Vec<_>>());
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_another_tenant_is_for_operators_alone() {
    let home = Home::new(Engines::Embedded).await;
    let replica = home.replica().await;
    let (ours, theirs) = (id::new(), id::new());
    publish(&home.bus, numbered(theirs, 3)).await;
    replica.export_of(theirs, 3).await;
    for (role, seen) in [(Role::Admin, 0), (Role::Operator, 3)] {
        let request = ListAuditLogRequest { tenant: Some(theirs.to_string()), ..Default::default() };
        let page =
            replica.log().list_audit_log(replica.call(ours, role, request)).await.unwrap().into_inner();
        assert_eq!(page.items.len(), seen, "{role}");
    }
    let refused = replica.log().list_audit_log(replica.call(theirs, Role::Manager, Default::default())).await;
    assert_eq!(refused.unwrap_err().code(), tonic::Code::PermissionDenied);
    replica.stop().await;
}
