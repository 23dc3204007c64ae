use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};

use crate::live::End;

/// Says what each figure means; nobody is connected yet.
pub(crate) fn describe() {
    describe_counter!(
        "weft_gateway_throttled_total",
        Unit::Count,
        "Calls refused because a rate is used up, by class."
    );
    describe_gauge!("weft_live_sockets", Unit::Count, "Open live sockets.");
    describe_gauge!(
        "weft_live_sockets_fullness_ratio",
        Unit::Count,
        "How much of the places for live sockets is taken, 0 to 1."
    );
    describe_counter!(
        "weft_live_sockets_ended_total",
        Unit::Count,
        "Live sockets that ended, by reason; `lagging` ones were cut because they took too long to read."
    );
    describe_counter!("weft_live_frames_sent_total", Unit::Count, "Frames written to live sockets.");
    describe_counter!(
        "weft_live_catch_ups_total",
        Unit::Count,
        "Times that a socket read older events from the bus because the ring had forgotten them."
    );
    describe_gauge!("weft_live_ring_events", Unit::Count, "Events in the ring that live sockets read from.");
    describe_gauge!(
        "weft_live_ring_fullness_ratio",
        Unit::Count,
        "How much of the ring's memory is taken, 0 to 1; a full ring forgets its oldest events."
    );
    for class in ["sign_in", "read", "search", "export", "write"] {
        counter!("weft_gateway_throttled_total", "class" => class).increment(0);
    }
    for end in End::ALL {
        ended(end, 0);
    }
    counter!("weft_live_frames_sent_total").increment(0);
    counter!("weft_live_catch_ups_total").increment(0);
    sockets(0, 1);
    ring(0, 0, 1);
}

pub(crate) fn throttled(class: &'static str) {
    counter!("weft_gateway_throttled_total", "class" => class).increment(1);
}

pub(crate) fn sockets(taken: usize, most: usize) {
    gauge!("weft_live_sockets").set(taken as f64);
    gauge!("weft_live_sockets_fullness_ratio").set(taken as f64 / most.max(1) as f64);
}

pub(crate) fn ended(end: End, times: u64) {
    counter!("weft_live_sockets_ended_total", "reason" => end.word()).increment(times);
}

pub(crate) fn sent(frames: usize) {
    counter!("weft_live_frames_sent_total").increment(u64::try_from(frames).unwrap_or(u64::MAX));
}

pub(crate) fn caught_up() {
    counter!("weft_live_catch_ups_total").increment(1);
}

pub(crate) fn ring(events: usize, bytes: usize, most: usize) {
    gauge!("weft_live_ring_events").set(events as f64);
    gauge!("weft_live_ring_fullness_ratio").set(bytes as f64 / most.max(1) as f64);
}
