use prost::Message;
use rstest::rstest;
use weft_compliance::verify::{Fault, checkpoints_in, verify};
use weft_domain::id;

use crate::rig::{Engines, Home, numbered, public_key, publish};

/// What the administrator of the database does to the log, and what an export then shows.
#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_to_the_database_is_found_in_the_export_and_named(#[case] engines: Engines) {
    let home = Home::new(engines).await;
    let tenant = id::new();
    let replica = home.replica_on(home.bus.clone(), |config| config.checkpoint_entries = 10).await;
    publish(&home.bus, numbered(tenant, 10)).await;
    replica.checkpoints_of(tenant, 10).await;
    let whole = replica.export_of(tenant, 10).await;
    let outside = checkpoints_in(&home.checkpoints()).unwrap();
    let found = async || verify(&replica.export(tenant).await, &outside, &public_key(&home));
    assert_eq!(found().await.unwrap().covered, 10);

    let mut edited = whole[3].clone();
    edited.actor = "user_somebody_else".to_owned();
    (edited.prev, edited.hash) = (String::new(), String::new());
    home.tamper("UPDATE audit_entry SET entry = $1 WHERE seq = 4", vec![edited.encode_to_vec().into()]).await;
    assert_eq!(found().await.unwrap_err(), Fault::Changed(4));
    let mut original = whole[3].clone();
    (original.prev, original.hash) = (String::new(), String::new());
    home.tamper("UPDATE audit_entry SET entry = $1 WHERE seq = 4", vec![original.encode_to_vec().into()])
        .await;
    assert!(found().await.is_ok());

    home.tamper("UPDATE audit_entry SET hash = prev WHERE seq = 5", Vec::new()).await;
    assert_eq!(found().await.unwrap_err(), Fault::Changed(5));
    home.tamper("DELETE FROM audit_entry WHERE seq = 5", Vec::new()).await;
    assert_eq!(found().await.unwrap_err(), Fault::Missing(5, 6));
    home.tamper("DELETE FROM audit_entry WHERE seq > 5", Vec::new()).await;
    assert!(matches!(found().await.unwrap_err(), Fault::Cut { missing: 5, size: 10, .. }));
    replica.stop().await;
}
