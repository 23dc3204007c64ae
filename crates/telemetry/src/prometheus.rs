use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Seconds; from a cache hit to the longest call to a provider.
const DURATIONS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];
/// Bytes; from a text message to the largest attachment.
const SIZES: [f64; 6] = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

/// Makes the recorder the process's own; fails when there is one.
pub(crate) fn install() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &DURATIONS)?
        .set_buckets_for_metric(Matcher::Suffix("_bytes".to_owned()), &SIZES)?
        .install_recorder()
}
