//! What the service listens to.

pub(crate) mod on_inbound;
pub(crate) mod on_name_changed;

/// The consumer of what adapters bring.
pub(crate) const INBOUND: &str = "conversation-in";
/// The consumer of channels' and users' names.
pub(crate) const NAMES: &str = "conversation-names";
