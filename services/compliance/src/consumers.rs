//! What it reads from the bus.

use std::time::Duration;

use weft_bus::{ConsumerSpec, Stream};

pub(crate) mod on_audit_recorded;

/// An outage is waited for, however long: who did what must not end among the dead letters.
const MAX_ATTEMPTS: u32 = 1_000_000;
/// Enough for a chain to grow by hundreds in one transaction.
const BATCH: usize = 500;

/// The consumer of what services write down; there is no other.
pub(crate) fn records() -> ConsumerSpec {
    ConsumerSpec {
        batch: BATCH,
        max_attempts: MAX_ATTEMPTS,
        ack_wait: Duration::from_secs(60),
        ..ConsumerSpec::new("compliance-records", Stream::Audit, &["weft.audit.>"])
    }
}
