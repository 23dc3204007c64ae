use serde::{Deserialize, Serialize};

use super::Simulator;

/// Something that goes wrong with calls.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// With so many calls; all, when left out.
    pub for_next: Option<u32>,
    /// Not with so many before.
    #[serde(default)]
    pub after: u32,
}

/// What can go wrong.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// 429, for so many seconds.
    RateLimited(u64),
    /// 503 with `CMN-201`.
    Unavailable,
    /// This status with this code.
    Code(u16, String),
}

/// What is odd about events, and still as RingCentral may do it; all but a wrong secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Oddities {
    /// Each comes twice.
    pub duplicates: bool,
    /// The news of a call come backwards.
    pub backwards: bool,
    /// Fields that nobody knows come along.
    pub unknown_fields: bool,
    /// The secret comes under its other name.
    pub other_header: bool,
    /// They come with a secret that is not ours.
    pub wrong_secret: bool,
}

impl Simulator {
    /// Adds a fault.
    pub fn fault(&self, kind: FaultKind, for_next: Option<u32>) {
        self.fault_after(0, kind, for_next);
    }

    /// Adds a fault that spares so many calls first.
    pub fn fault_after(&self, after: u32, kind: FaultKind, for_next: Option<u32>) {
        self.world.change(|state| state.faults.push(Fault { kind, for_next, after }));
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.world.change(|state| state.faults.clear());
    }

    /// Makes events odd from now on.
    pub fn set_oddities(&self, oddities: Oddities) {
        self.world.change(|state| state.oddities = oddities);
    }

    /// Takes all access tokens back.
    pub fn take_tokens_back(&self) {
        self.world.change(|state| state.tokens.clear());
    }

    /// Forgets where synchronisations stand.
    pub fn forget_sync_tokens(&self) {
        self.world.change(|state| state.generation += 1);
    }

    /// The fault for a call; counts it.
    pub(super) fn draw_fault(&self) -> Option<FaultKind> {
        let mut state = self.world.lock();
        state.faults.retain(|fault| fault.for_next != Some(0));
        let fault = state.faults.first_mut()?;
        if fault.after > 0 {
            fault.after -= 1;
            return None;
        }
        if let Some(left) = &mut fault.for_next {
            *left -= 1;
        }
        Some(fault.kind.clone())
    }
}
