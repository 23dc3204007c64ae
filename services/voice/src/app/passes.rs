use weft_domain::Error;

use crate::engines::TIMEOUT;

/// So often is tried what takes too long: each try takes a while, and what comes behind it waits.
const MAX_TIMEOUTS: u32 = 3;

/// Whether another try may end otherwise, after so many.
pub(super) fn passes(error: &Error, attempts: u32) -> bool {
    if error.reason() == TIMEOUT {
        return attempts < MAX_TIMEOUTS;
    }
    error.code().is_transient() || error.code().is_ours()
}
