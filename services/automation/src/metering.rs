use metrics::{Unit, counter, describe_counter};

/// Says what each figure means; nobody has been assigned yet.
pub(crate) fn describe() {
    describe_counter!(
        "weft_automation_assignments_total",
        Unit::Count,
        "Decisions that `conversation` was told of, by whether it took them."
    );
    describe_counter!(
        "weft_automation_assignments_retried_total",
        Unit::Count,
        "Decisions that could not be told, and will be told again."
    );
    describe_counter!(
        "weft_automation_replies_total",
        Unit::Count,
        "Automatic replies that `conversation` was told of, by whether it sent them."
    );
    for result in ["sent", "refused", "expired"] {
        replied(result, 0);
    }
    for result in ["assigned", "refused"] {
        assigned(result, 0);
    }
    counter!("weft_automation_assignments_retried_total").increment(0);
}

pub(crate) fn assigned(result: &'static str, times: u64) {
    counter!("weft_automation_assignments_total", "result" => result).increment(times);
}

pub(crate) fn replied(result: &'static str, times: u64) {
    counter!("weft_automation_replies_total", "result" => result).increment(times);
}

pub(crate) fn told_again() {
    counter!("weft_automation_assignments_retried_total").increment(1);
}
