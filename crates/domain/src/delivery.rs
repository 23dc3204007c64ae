//! A message's way out: `queued → sending → sent → delivered → read`, or `failed`, or `unclear`.
//!
//! Reports of providers come early, late, twice and in any order, so states are merged, never assigned.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantNames};

/// How far a message has got. Inbound messages are `Received`.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum State {
    /// It came in; there is nothing to deliver.
    Received,
    /// Accepted by us, waiting for its turn.
    Queued,
    /// An attempt was announced; the provider may have been called.
    Sending,
    /// The provider took it.
    Sent,
    /// It is on the recipient's device.
    Delivered,
    /// The recipient saw it.
    Read,
    /// It will not be delivered; the reason says why.
    Failed,
    /// We called the provider and do not know whether it took the message. A person decides.
    Unclear,
}

impl State {
    fn progress(self) -> u8 {
        match self {
            Self::Received | Self::Queued => 0,
            Self::Sending => 1,
            Self::Unclear => 2,
            Self::Sent => 3,
            Self::Delivered => 4,
            Self::Read => 5,
            Self::Failed => 6,
        }
    }

    /// The state after a report says `reported`: the furthest wins; what has reached a device cannot fail any more,
    /// and what failed stays failed unless the provider proves otherwise.
    #[must_use]
    pub fn merge(self, reported: Self) -> Self {
        use State::{Delivered, Failed, Read, Received};
        match (self, reported) {
            (Received, _) | (_, Received) | (Delivered | Read, Failed) => self,
            (Failed, Delivered | Read) => reported,
            (Failed, _) => Failed,
            _ if reported.progress() > self.progress() => reported,
            _ => self,
        }
    }

    /// Whether the message still holds the turn of its conversation, so that the next one has to wait.
    pub fn is_in_flight(self) -> bool {
        matches!(self, Self::Queued | Self::Sending)
    }
}

#[cfg(test)]
mod tests {
    use State::{Delivered, Failed, Queued, Read, Received, Sending, Sent, Unclear};

    use super::*;

    const ALL: [State; 8] = [Received, Queued, Sending, Sent, Delivered, Read, Failed, Unclear];

    #[test]
    fn reports_in_any_order_and_number_end_in_the_same_state() {
        for a in ALL {
            for b in ALL {
                for c in ALL {
                    assert_eq!(
                        Queued.merge(a).merge(b).merge(c),
                        Queued.merge(c).merge(a).merge(b).merge(a),
                        "{a} {b} {c}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_reached_a_device_cannot_fail() {
        assert_eq!(Delivered.merge(Failed), Delivered);
        assert_eq!(Failed.merge(Delivered), Delivered);
        assert_eq!(Sent.merge(Failed), Failed);
        assert_eq!(Read.merge(Sent), Read);
        assert_eq!(Unclear.merge(Sent), Sent);
    }
}
