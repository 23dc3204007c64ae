use metrics::{Unit, counter, describe_counter};

/// Says what each figure means; nothing has been chained yet.
pub(crate) fn describe() {
    describe_counter!("weft_audit_entries_total", Unit::Count, "Entries that were added to the audit logs.");
    describe_counter!(
        "weft_audit_checkpoints_total",
        Unit::Count,
        "Signed checkpoints of audit logs that were written outside the database."
    );
    describe_counter!(
        "weft_audit_checkpoint_failures_total",
        Unit::Count,
        "Checkpoints that could not be written, by reason: a log that became shorter, a folder that cannot be written."
    );
    counter!("weft_audit_entries_total").increment(0);
    counter!("weft_audit_checkpoints_total").increment(0);
}

pub(crate) fn appended(entries: u64) {
    counter!("weft_audit_entries_total").increment(entries);
}

pub(crate) fn checkpoint_written() {
    counter!("weft_audit_checkpoints_total").increment(1);
}

pub(crate) fn checkpoint_failed(reason: &str) {
    counter!("weft_audit_checkpoint_failures_total", "reason" => reason.to_owned()).increment(1);
}
