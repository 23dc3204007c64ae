use std::{net::SocketAddr, time::Duration};

use serde::Deserialize;
use weft_config::Loader;
use weft_runtime::StopTimes;

/// With it the drain still ends before the watchdog bites.
const LONGEST_PRE_STOP: u64 = 10;

/// This process.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Where a process without the gateway listens.
    pub listen: SocketAddr,
    /// Where probes and metrics answer; none: on the main address, for callers on this machine.
    #[serde(deserialize_with = "weft_config::optional")]
    pub admin_listen: Option<SocketAddr>,
    /// Where other processes reach this one's services.
    #[serde(deserialize_with = "weft_config::optional")]
    pub rpc_listen: Option<SocketAddr>,
    /// How long to wait for load balancers when stopping.
    pub stop_notice_secs: u64,
    /// How long the platform has waited already when it asks to stop.
    pub pre_stop_secs: u64,
}

impl Run {
    /// How long each part of stopping may take; the watchdog counts from the platform's decision.
    pub(crate) fn stop_times(&self) -> StopTimes {
        let waited = Duration::from_secs(self.pre_stop_secs);
        StopTimes {
            notice: Duration::from_secs(self.stop_notice_secs),
            watchdog: StopTimes::CLUSTER.watchdog.saturating_sub(waited),
            ..StopTimes::CLUSTER
        }
    }

    pub(super) fn check(&self, loader: &mut Loader) {
        if self.pre_stop_secs > LONGEST_PRE_STOP {
            let words = "must be at most 10, or the watchdog would bite before the drain has ended";
            loader.fault("run.pre_stop_secs", words);
        }
    }
}
