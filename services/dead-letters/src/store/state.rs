use weft_domain::{Error, Result};

pub(crate) use weft_proto::dead_letters::v1::dead_letter::State;

/// The state a caller names.
pub(crate) fn asked(text: &str) -> Result<State> {
    State::from_str_name(text).filter(|state| *state != State::Unspecified).ok_or_else(|| {
        Error::invalid_field("state", "`state` must be `kept`, `replaying`, `replayed` or `discarded`")
    })
}

/// The state of a row.
pub(crate) fn stored(text: &str) -> Result<State> {
    State::from_str_name(text).ok_or_else(|| Error::internal(format!("a letter cannot be `{text}`")))
}
