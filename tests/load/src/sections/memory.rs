use std::time::Duration;

use weft_tests_fleet::Cluster;

use crate::{Rig, figures, resources};

const SETTLE: Duration = Duration::from_secs(10);

/// What each service takes when there is nothing to do.
pub(super) async fn measure_idle(rig: &Rig) {
    let Some(cluster) = &rig.cluster else {
        return println!("  memory is measured on a fleet that this run has started");
    };
    tokio::time::sleep(SETTLE).await;
    report("rss_idle", cluster);
}

/// Prints the largest replica of each service.
pub(super) fn report(name: &str, cluster: &Cluster) {
    for (service, megabytes) in resources::by_service(&resources::memory(cluster), f64::max) {
        figures::bench(&format!("{name}_{service}"), megabytes, "MB");
    }
}
