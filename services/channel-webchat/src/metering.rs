use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};

/// Says what each figure means; nobody is there yet.
pub(crate) fn describe() {
    describe_gauge!("weft_webchat_sockets", Unit::Count, "Open sockets of visitors.");
    describe_counter!(
        "weft_webchat_slow_visitors_total",
        Unit::Count,
        "Sockets of visitors that were cut because they took too long to read."
    );
    gauge!("weft_webchat_sockets").set(0.0);
    counter!("weft_webchat_slow_visitors_total").increment(0);
}

pub(crate) fn cut() {
    counter!("weft_webchat_slow_visitors_total").increment(1);
}

/// A socket, counted until it is dropped.
pub(crate) struct Open;

impl Open {
    pub(crate) fn new() -> Self {
        gauge!("weft_webchat_sockets").increment(1.0);
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        gauge!("weft_webchat_sockets").decrement(1.0);
    }
}
