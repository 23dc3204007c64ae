use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusRecorder};

/// Seconds; from a cache hit to the longest call to a provider.
const DURATIONS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];
/// Bytes; from a text message to the largest attachment.
const SIZES: [f64; 6] = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

/// How many things came together; from one to the largest batch.
const COUNTS: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 64.0, 256.0, 1024.0];

/// The buckets of a histogram, by how its name ends.
const BUCKETS: [(&str, &[f64]); 3] = [("_seconds", &DURATIONS), ("_bytes", &SIZES), ("_size", &COUNTS)];

/// The recorder that `/metrics` shows.
pub(crate) fn recorder() -> Result<PrometheusRecorder, BuildError> {
    let mut builder = PrometheusBuilder::new();
    for (ending, buckets) in BUCKETS {
        builder = builder.set_buckets_for_metric(Matcher::Suffix(ending.to_owned()), buckets)?;
    }
    Ok(builder.build_recorder())
}

/// The buckets of this histogram, the same for all that look at it.
pub(crate) fn buckets(name: &str) -> Option<&'static [f64]> {
    BUCKETS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, buckets)| *buckets)
}
