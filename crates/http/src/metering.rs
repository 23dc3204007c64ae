use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

/// Says what each figure means.
pub(crate) fn describe() {
    describe_counter!(
        "weft_http_client_requests_total",
        Unit::Count,
        "Calls to the outside, by class of host and by status class or kind of failure."
    );
    describe_histogram!(
        "weft_http_client_request_duration_seconds",
        Unit::Seconds,
        "How long calls to the outside took, until the answer was read or began to stream."
    );
}

pub(crate) fn called(host_class: &'static str, outcome: &'static str, took: Duration) {
    counter!("weft_http_client_requests_total", "host_class" => host_class, "outcome" => outcome)
        .increment(1);
    histogram!("weft_http_client_request_duration_seconds", "host_class" => host_class, "outcome" => outcome)
        .record(took);
}
