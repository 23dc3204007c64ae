use thiserror::Error;

/// Why a message cannot go at all, in words for agents.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// It is worth nothing any more.
    #[error("it could not be sent in time")]
    Expired,
    /// It has nothing in it.
    #[error("it is empty")]
    Empty,
    /// It is a template, and the channel has none.
    #[error("this channel has no templates; write it in words of your own")]
    NoTemplates,
    /// A file is too large.
    #[error("the file “{name}” is larger than the {limit_mb} MB this channel takes")]
    FileTooLarge {
        /// Its name.
        name: String,
        /// The limit, in megabytes.
        limit_mb: u64,
    },
}
