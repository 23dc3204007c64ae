use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use weft_domain::Result;

use crate::{desk::Desk, metering, store::system};

/// Reasons are codes, of ours and of providers; a metric is not to grow with what providers invent.
const MOST_REASONS: u32 = 30;

/// Shows how many letters wait, by reason.
pub(crate) struct Counted {
    desk: Arc<Desk>,
    /// Shown once, so that they go down to nothing when their letters end.
    shown: Mutex<BTreeSet<String>>,
}

impl Counted {
    pub(crate) fn new(desk: Arc<Desk>) -> Self {
        Self { desk, shown: Mutex::default() }
    }

    pub(crate) async fn count(&self) -> Result<()> {
        let counts = system::kept_by_reason(&self.desk.store, MOST_REASONS).await?;
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        for gone in shown.iter().filter(|reason| counts.iter().all(|(counted, _)| counted != *reason)) {
            metering::kept(gone, 0);
        }
        for (reason, letters) in counts {
            metering::kept(&reason, letters);
            shown.insert(reason);
        }
        Ok(())
    }
}
