use rstest::rstest;
use weft_compliance::verify::{checkpoints_in, verify};
use weft_domain::id;

use crate::rig::{Engines, Home, numbered, public_key, publish};

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn checkpoints_are_written_outside_and_go_on_where_a_replica_ended(#[case] engines: Engines) {
    let home = Home::new(engines).await;
    let tenant = id::new();
    for (round, total) in [(1_u64, 100_usize), (2, 250)] {
        let replica = home.replica_on(home.bus.clone(), |config| config.checkpoint_entries = 50).await;
        let more = if round == 1 { total } else { 150 };
        publish(&home.bus, numbered(tenant, more)).await;
        replica.checkpoints_of(tenant, total as u64).await;
        let entries = replica.export_of(tenant, total).await;
        let outside = checkpoints_in(&home.checkpoints()).unwrap();
        let proven = verify(&entries, &outside, &public_key(&home)).unwrap();
        assert_eq!(proven.covered, total as u64);
        assert!(proven.checkpoints >= round);
        replica.stop().await;
    }
    // Half a line, as a power cut leaves it, is neither read nor in the way of the next.
    let file = home.checkpoints().join(format!("{tenant}.jsonl"));
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}{{\"tenant_id\": \"ten")).unwrap();
    let replica = home.replica_on(home.bus.clone(), |config| config.checkpoint_entries = 50).await;
    publish(&home.bus, numbered(tenant, 50)).await;
    replica.checkpoints_of(tenant, 300).await;
    let outside = checkpoints_in(&home.checkpoints()).unwrap();
    let proven = verify(&replica.export_of(tenant, 300).await, &outside, &public_key(&home)).unwrap();
    assert_eq!(proven.covered, 300);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn time_alone_brings_a_checkpoint() {
    let home = Home::new(Engines::Embedded).await;
    let replica = home.replica_on(home.bus.clone(), |config| config.checkpoint_seconds = 1).await;
    let tenant = id::new();
    publish(&home.bus, numbered(tenant, 3)).await;
    let checkpoints = replica.checkpoints_of(tenant, 3).await;
    assert_eq!(checkpoints.last().unwrap().size, 3);
    replica.stop().await;
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_signed_of_a_log_that_became_shorter(#[case] engines: Engines) {
    let home = Home::new(engines).await;
    let tenant = id::new();
    let replica = home.replica_on(home.bus.clone(), |config| config.checkpoint_entries = 10).await;
    publish(&home.bus, numbered(tenant, 20)).await;
    replica.checkpoints_of(tenant, 20).await;
    replica.stop().await;
    home.tamper("DELETE FROM audit_entry WHERE seq > 12", Vec::new()).await;
    let replica = home.replica_on(home.bus.clone(), |config| config.checkpoint_entries = 1).await;
    publish(&home.bus, numbered(tenant, 1)).await;
    let entries = replica.export_of(tenant, 13).await;
    replica.stop().await;
    let outside = checkpoints_in(&home.checkpoints()).unwrap();
    assert_eq!(outside.iter().map(|one| one.size).max(), Some(20));
    let fault = verify(&entries, &outside, &public_key(&home)).unwrap_err().to_string();
    assert!(fault.contains("entry 14 is missing"), "{fault}");
}
