use metrics::{Unit, counter, describe_counter};

/// Says what each figure means; nothing has come in yet.
pub(crate) fn describe() {
    describe_counter!(
        "weft_analytics_events_total",
        Unit::Count,
        "Events that were counted or found to be counted already."
    );
    counter!("weft_analytics_events_total").increment(0);
}
