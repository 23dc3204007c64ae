use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};

/// Says what each figure means; nothing has failed yet.
pub(crate) fn describe() {
    describe_gauge!("weft_cache_bytes", Unit::Bytes, "Memory of the cache in this process, by part.");
    describe_gauge!(
        "weft_cache_fullness_ratio",
        Unit::Count,
        "How much of its memory the cache in this process has taken, by part, 0 to 1."
    );
    describe_counter!(
        "weft_cache_errors_total",
        Unit::Count,
        "Questions that the shared cache did not answer; while it is away most are not asked."
    );
    describe_counter!(
        "weft_cache_degraded_total",
        Unit::Count,
        "Answers given without the shared cache, by operation."
    );
    counter!("weft_cache_errors_total").increment(0);
    for operation in ["get", "set", "rate_limit"] {
        counter!("weft_cache_degraded_total", "operation" => operation).increment(0);
    }
}

pub(crate) fn failed() {
    counter!("weft_cache_errors_total").increment(1);
}

pub(crate) fn degraded(operation: &'static str) {
    counter!("weft_cache_degraded_total", "operation" => operation).increment(1);
}

#[expect(clippy::cast_precision_loss, reason = "gauges")]
pub(crate) fn filled(part: &'static str, bytes: u64, most: u64) {
    gauge!("weft_cache_bytes", "part" => part).set(bytes as f64);
    gauge!("weft_cache_fullness_ratio", "part" => part).set(bytes as f64 / most.max(1) as f64);
}
