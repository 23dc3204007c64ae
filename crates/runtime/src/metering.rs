use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};

/// Says what each figure means; nothing has happened yet.
pub(crate) fn describe() {
    describe_gauge!("weft_runtime_ready", Unit::Count, "1 while the process takes work, else 0.");
    describe_counter!(
        "weft_runtime_task_failures_total",
        Unit::Count,
        "Tasks that ended in an error or a panic, by set."
    );
    gauge!("weft_runtime_ready").set(0.0);
    for set in ["intake", "work", "flush"] {
        counter!("weft_runtime_task_failures_total", "set" => set).increment(0);
    }
}

pub(crate) fn ready(serves: bool) {
    gauge!("weft_runtime_ready").set(if serves { 1.0 } else { 0.0 });
}

/// Which task it was is in the log: names of tasks carry addresses.
pub(crate) fn task_failed(set: &str) {
    counter!("weft_runtime_task_failures_total", "set" => set.to_owned()).increment(1);
}
