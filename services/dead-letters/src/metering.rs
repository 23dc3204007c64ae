use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};

/// Says what each figure means; nothing has died yet.
pub(crate) fn describe() {
    describe_gauge!(
        "weft_dead_letters_kept",
        Unit::Count,
        "Dead letters that wait for somebody to decide, by reason; every replica shows all of them."
    );
    describe_counter!(
        "weft_dead_letters_taken_total",
        Unit::Count,
        "Dead letters that were taken from the bus into the database."
    );
    describe_counter!(
        "weft_dead_letters_ended_total",
        Unit::Count,
        "Dead letters that were replayed or discarded, by which of them."
    );
    taken(0);
    for how in ["replayed", "discarded"] {
        ended(how, 0);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
pub(crate) fn kept(reason: &str, letters: u64) {
    gauge!("weft_dead_letters_kept", "reason" => reason.to_owned()).set(letters as f64);
}

pub(crate) fn taken(letters: u64) {
    counter!("weft_dead_letters_taken_total").increment(letters);
}

pub(crate) fn ended(how: &'static str, letters: u64) {
    counter!("weft_dead_letters_ended_total", "how" => how).increment(letters);
}
