use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use crate::Limits;

/// Says what each figure means, for one listener more.
pub(crate) fn describe(limits: &Limits) {
    describe_counter!(
        "weft_http_requests_total",
        Unit::Count,
        "Requests answered, by route template, method and status class."
    );
    describe_histogram!(
        "weft_http_request_duration_seconds",
        Unit::Seconds,
        "How long requests took until their answer began, by route template, method and status class."
    );
    describe_gauge!("weft_http_requests_in_flight", Unit::Count, "Requests that are being answered.");
    describe_gauge!("weft_http_connections", Unit::Count, "Open connections.");
    describe_gauge!(
        "weft_http_connections_limit",
        Unit::Count,
        "How many connections may be open, all listeners together."
    );
    describe_counter!(
        "weft_http_connections_refused_total",
        Unit::Count,
        "Connections refused because a limit was reached: in total, or of one address."
    );
    // another listener of this process may be at work already
    gauge!("weft_http_connections").increment(0.0);
    gauge!("weft_http_connections_limit")
        .increment(f64::from(u32::try_from(limits.connections).unwrap_or(u32::MAX)));
    for limit in ["total", "address"] {
        counter!("weft_http_connections_refused_total", "limit" => limit).increment(0);
    }
}

pub(crate) fn answered(route: String, method: String, status: &'static str, took: Duration) {
    counter!(
        "weft_http_requests_total",
        "route" => route.clone(), "method" => method.clone(), "status" => status
    )
    .increment(1);
    histogram!(
        "weft_http_request_duration_seconds",
        "route" => route, "method" => method, "status" => status
    )
    .record(took);
}

pub(crate) fn refused(limit: &'static str) {
    counter!("weft_http_connections_refused_total", "limit" => limit).increment(1);
}

pub(crate) fn connected() {
    gauge!("weft_http_connections").increment(1);
}

pub(crate) fn disconnected() {
    gauge!("weft_http_connections").decrement(1);
}
