use metrics::{Unit, counter, describe_counter};

/// Says what each figure means; nobody has tried yet.
pub(crate) fn describe() {
    describe_counter!(
        "weft_directory_sign_ins_total",
        Unit::Count,
        "Attempts to sign in with a password, by outcome."
    );
    for outcome in ["signed_in", "refused"] {
        sign_ins(outcome, 0);
    }
}

pub(crate) fn sign_ins(outcome: &'static str, times: u64) {
    counter!("weft_directory_sign_ins_total", "outcome" => outcome).increment(times);
}
