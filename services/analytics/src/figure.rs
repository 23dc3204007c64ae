//! What is counted.

use strum::{Display, EnumString, VariantArray};

/// One figure of the rollup. The README says what each means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Display, EnumString, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Figure {
    ConversationsNew,
    ConversationsResolved,
    ConversationsClosed,
    ConversationsReopened,
    MessagesIn,
    MessagesOut,
    MessagesOutBot,
    DeliveriesFailed,
    DeliveriesUnclear,
    /// How many answers took how long, by bucket.
    FirstResponse,
    /// How long they took together.
    FirstResponseMs,
    /// How many resolutions took how long, by bucket.
    Resolution,
    /// How long they took together.
    ResolutionMs,
}
