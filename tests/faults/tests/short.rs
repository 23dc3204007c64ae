//! The promises hold while things break: the short scenarios, on the binary that the other tests use.

use std::time::Duration;

use weft_tests_faults::{Scene, agree, all};
use weft_tests_fleet::ClusterOptions;

/// As much as unoptimised processes carry beside other tests.
const CUSTOMERS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_doubled_or_out_of_place_while_a_replica_and_the_broker_die() {
    let mut scene = Scene::start(ClusterOptions::usual(), CUSTOMERS, Duration::from_secs(1)).await.unwrap();
    for scenario in all().iter().filter(|scenario| scenario.short) {
        let report = scene.endure(scenario).await.unwrap();
        println!("{report}");
        assert!(report.is_kept(), "{report}");
    }
    scene.cluster.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_people_at_two_gateways_end_with_what_the_database_has() {
    let scene = Scene::start(ClusterOptions::usual(), CUSTOMERS, Duration::ZERO).await.unwrap();
    let (limit, pace) = ((Duration::from_secs(60), 120), Duration::from_millis(100));
    let agreement = agree(&scene, 20, limit, pace).await.unwrap();
    println!("{agreement}");
    assert_eq!(agreement.differences, Vec::<String>::new());
    assert!(agreement.done >= 120, "{agreement}");
    scene.cluster.stop().await.unwrap();
}
