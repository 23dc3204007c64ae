//! The promises hold while things break: the short scenarios, on the binary that the other tests use.

use std::time::Duration;

use weft_tests_faults::{Scene, all};
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
