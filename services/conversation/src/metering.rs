use metrics::{Unit, counter, describe_counter};

/// Says what each figure means; nothing has come in yet.
pub(crate) fn describe() {
    describe_counter!(
        "weft_conversation_applied_total",
        Unit::Count,
        "Events of channels that changed conversations, each once."
    );
    describe_counter!(
        "weft_conversation_duplicates_total",
        Unit::Count,
        "Events of channels that had changed conversations before, and so changed nothing."
    );
    counter!("weft_conversation_applied_total").increment(0);
    counter!("weft_conversation_duplicates_total").increment(0);
}
