//! The figures of a host, all by the kind of its channel.

use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use weft_proto::channel::v1::attempt_ended::Result as Ended;

/// Why calls are refused, as far as it is known beforehand: a rate wants a beginning.
const REFUSALS: [&str; 7] = ["missing", "wrong", "stale", "unknown_key", "no_secret", "not_found", "not_now"];

/// Says what each figure means; nothing has come in yet.
pub(crate) fn describe(kind: &'static str) {
    describe_inward();
    describe_outward();
    for name in [
        "weft_channel_accepted_total",
        "weft_channel_duplicates_total",
        "weft_channel_spooled_total",
        "weft_channel_poll_failures_total",
        "weft_channel_follow_ups_dropped_total",
        "weft_channel_circuit_openings_total",
        "weft_channel_log_lines_total",
        "weft_channel_log_dropped_total",
    ] {
        counter!(name, "kind" => kind).increment(0);
    }
    for reason in REFUSALS {
        refused(kind, reason, 0);
    }
    for result in [Ended::Accepted, Ended::Rejected, Ended::Deferred, Ended::Unclear, Ended::Redelivered] {
        attempts(kind, result, 0);
    }
    for reason in ["paced", "throttled", "circuit_open", "channel_busy", "unreachable"] {
        deferrals(kind, reason, 0);
    }
    // a histogram begins by being asked for
    for outcome in ["ok", "refused", "failed"] {
        drop(histogram!("weft_channel_webhook_duration_seconds", "kind" => kind, "outcome" => outcome));
    }
    drop(histogram!("weft_channel_send_duration_seconds", "kind" => kind));
    drop(histogram!("weft_channel_pace_wait_duration_seconds", "kind" => kind));
    gauge!("weft_channel_circuits_open", "kind" => kind).set(0.0);
    spool(kind, 0, 0, 1);
}

fn describe_inward() {
    describe_histogram!(
        "weft_channel_webhook_duration_seconds",
        Unit::Seconds,
        "From a webhook's arrival to its answer, by outcome: `ok`, `refused` as not the provider's, `failed` through us."
    );
    describe_counter!(
        "weft_channel_accepted_total",
        Unit::Count,
        "Events of providers that are on disk, each once."
    );
    describe_counter!("weft_channel_duplicates_total", Unit::Count, "Events of providers that came again.");
    describe_counter!("weft_channel_rejected_total", Unit::Count, "Webhooks that were refused, by reason.");
    describe_counter!(
        "weft_channel_ignored_total",
        Unit::Count,
        "Entries of webhooks that mean nothing to us, by reason."
    );
    describe_counter!(
        "weft_channel_spooled_total",
        Unit::Count,
        "Webhooks kept on our own disk because the bus did not take them."
    );
    describe_gauge!(
        "weft_channel_spool_calls",
        Unit::Count,
        "Webhooks on our own disk that wait for the bus."
    );
    describe_gauge!(
        "weft_channel_spool_fullness_ratio",
        Unit::Count,
        "How much of the room for webhooks on our own disk is taken, 0 to 1."
    );
    describe_counter!(
        "weft_channel_poll_failures_total",
        Unit::Count,
        "Polls that a provider did not answer."
    );
    describe_counter!(
        "weft_channel_follow_ups_dropped_total",
        Unit::Count,
        "Calls after a webhook that were left out because too many were under way."
    );
}

fn describe_outward() {
    describe_counter!(
        "weft_channel_attempts_total",
        Unit::Count,
        "Attempts to send a message that ended, by result."
    );
    describe_counter!(
        "weft_channel_deferrals_total",
        Unit::Count,
        "Attempts that are made again later, by reason."
    );
    describe_histogram!(
        "weft_channel_send_duration_seconds",
        Unit::Seconds,
        "How long a provider's calls for one message took, all parts together."
    );
    describe_histogram!(
        "weft_channel_pace_wait_duration_seconds",
        Unit::Seconds,
        "How long messages waited because the provider's rate limit was used up."
    );
    describe_counter!(
        "weft_channel_circuit_openings_total",
        Unit::Count,
        "Times that calls to a provider were stopped because it failed so often."
    );
    describe_counter!(
        "weft_channel_log_lines_total",
        Unit::Count,
        "Lines of channel logs that are on their way to the directory."
    );
    describe_counter!(
        "weft_channel_log_dropped_total",
        Unit::Count,
        "Lines of channel logs that were left out: too many at once, or the bus did not take them."
    );
    describe_gauge!(
        "weft_channel_circuits_open",
        Unit::Count,
        "Accounts and classes of calls for which a provider is not called at the moment."
    );
}

pub(crate) fn webhook(kind: &'static str, outcome: &'static str, took: Duration) {
    histogram!("weft_channel_webhook_duration_seconds", "kind" => kind, "outcome" => outcome).record(took);
}

pub(crate) fn accepted(kind: &'static str, fresh: u64, duplicates: u64) {
    counter!("weft_channel_accepted_total", "kind" => kind).increment(fresh);
    counter!("weft_channel_duplicates_total", "kind" => kind).increment(duplicates);
}

pub(crate) fn refused(kind: &'static str, reason: &str, times: u64) {
    counter!("weft_channel_rejected_total", "kind" => kind, "reason" => reason.to_owned()).increment(times);
}

/// What it was is the provider's word, and so no label.
pub(crate) fn ignored(kind: &'static str, reason: &'static str) {
    counter!("weft_channel_ignored_total", "kind" => kind, "reason" => reason).increment(1);
}

pub(crate) fn spooled(kind: &'static str) {
    counter!("weft_channel_spooled_total", "kind" => kind).increment(1);
}

#[expect(clippy::cast_precision_loss, reason = "gauges")]
pub(crate) fn spool(kind: &'static str, calls: usize, bytes: u64, most: u64) {
    gauge!("weft_channel_spool_calls", "kind" => kind).set(calls as f64);
    gauge!("weft_channel_spool_fullness_ratio", "kind" => kind).set(bytes as f64 / most.max(1) as f64);
}

pub(crate) fn poll_failed(kind: &'static str) {
    counter!("weft_channel_poll_failures_total", "kind" => kind).increment(1);
}

pub(crate) fn follow_up_dropped(kind: &'static str) {
    counter!("weft_channel_follow_ups_dropped_total", "kind" => kind).increment(1);
}

pub(crate) fn logged(kind: &'static str, lines: u64) {
    counter!("weft_channel_log_lines_total", "kind" => kind).increment(lines);
}

pub(crate) fn log_dropped(kind: &'static str, lines: u64) {
    counter!("weft_channel_log_dropped_total", "kind" => kind).increment(lines);
}

pub(crate) fn attempts(kind: &'static str, result: Ended, times: u64) {
    counter!("weft_channel_attempts_total", "kind" => kind, "result" => result.as_str_name())
        .increment(times);
}

pub(crate) fn deferrals(kind: &'static str, reason: &str, times: u64) {
    counter!("weft_channel_deferrals_total", "kind" => kind, "reason" => reason.to_owned()).increment(times);
}

pub(crate) fn sent(kind: &'static str, took: Duration) {
    histogram!("weft_channel_send_duration_seconds", "kind" => kind).record(took);
}

pub(crate) fn paced(kind: &'static str, waited: Duration) {
    histogram!("weft_channel_pace_wait_duration_seconds", "kind" => kind).record(waited);
}

/// A circuit that is open; it is closed, or forgotten, when this is dropped.
#[derive(Debug)]
pub(crate) struct OpenCircuit(&'static str);

impl OpenCircuit {
    pub(crate) fn new(kind: &'static str) -> Self {
        counter!("weft_channel_circuit_openings_total", "kind" => kind).increment(1);
        gauge!("weft_channel_circuits_open", "kind" => kind).increment(1.0);
        Self(kind)
    }
}

impl Drop for OpenCircuit {
    fn drop(&mut self) {
        gauge!("weft_channel_circuits_open", "kind" => self.0).decrement(1.0);
    }
}
