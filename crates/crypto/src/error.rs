/// Why something could not be sealed, opened, read or made. Holds no secret and no part of one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key setting or key file is not usable.
    #[error("the key is not usable: {0}")]
    BadKey(String),
    /// The key file cannot be read or written.
    #[error("key file {path}")]
    KeyFile {
        /// Which file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It was sealed with a key that is not at hand.
    #[error("sealed with a key that is not at hand")]
    UnknownKey,
    /// It is damaged, or was sealed for another place.
    #[error("damaged, or sealed for another place")]
    Unreadable,
    /// It is longer than the cipher or the format can take.
    #[error("too long to seal")]
    TooLong,
    /// Two data keys have the same id, or the active one is missing.
    #[error("the set of data keys is inconsistent")]
    BadKeySet,
}

impl From<Error> for weft_domain::Error {
    fn from(error: Error) -> Self {
        Self::internal(error)
    }
}
