use hdrhistogram::Histogram;

/// Prints one figure.
pub(crate) fn bench(name: &str, value: f64, unit: &str) {
    println!("BENCH {name} {value:.1} {unit}");
}

/// Prints the median and what one in a hundred and one in a thousand waits longer than.
pub(crate) fn quantiles(name: &str, latency: &Histogram<u64>) {
    for (label, quantile) in [("p50", 0.5), ("p99", 0.99), ("p99_9", 0.999)] {
        bench(&format!("{name}_{label}"), milliseconds(latency, quantile), "ms");
    }
    println!("BENCH {name}_count {} measurements", latency.len());
}

pub(crate) fn milliseconds(latency: &Histogram<u64>, quantile: f64) -> f64 {
    latency.value_at_quantile(quantile) as f64 / 1000.0
}
