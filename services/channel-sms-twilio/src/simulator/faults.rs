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
}

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// 429, after so many seconds.
    RateLimited(u64),
    /// 500.
    ServerError,
    /// 400 with this code of Twilio's.
    Code(u32),
}

/// What is odd about webhooks, and still as Twilio may do it; all but a corrupt signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Oddities {
    /// Each comes twice.
    pub duplicates: bool,
    /// Fields that nobody knows come along.
    pub unknown_fields: bool,
    /// They are signed with the other token.
    pub secondary_token: bool,
    /// They are signed with none of the tokens.
    pub corrupt_signature: bool,
    /// What was read is told before what was delivered.
    pub swapped_statuses: bool,
}

impl Simulator {
    /// Adds a fault.
    pub fn fault(&self, kind: FaultKind, for_next: Option<u32>) {
        self.world.change(|state| state.faults.push(Fault { kind, for_next }));
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.world.change(|state| state.faults.clear());
    }

    /// Makes webhooks odd from now on.
    pub fn set_oddities(&self, oddities: Oddities) {
        self.world.change(|state| state.oddities = oddities);
    }

    /// The fault for a call; counts it.
    pub(super) fn draw_fault(&self) -> Option<FaultKind> {
        let mut state = self.world.lock();
        state.faults.retain(|fault| fault.for_next != Some(0));
        let fault = state.faults.first_mut()?;
        if let Some(left) = &mut fault.for_next {
            *left -= 1;
        }
        Some(fault.kind)
    }
}
