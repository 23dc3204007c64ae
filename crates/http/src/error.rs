use std::error::Error as StdError;

use crate::Refusal;

/// Why a call has no answer. No variant shows the URL, since tokens sit in paths.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The guard does not let us call this; not sent.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// The request cannot be built; not sent.
    #[error("invalid request: {0}")]
    Invalid(String),
    /// No connection was made (name, address, TLS); surely not sent.
    #[error("unreachable")]
    Unreachable(#[source] Box<dyn StdError + Send + Sync>),
    /// It was cut off or took too long; perhaps sent, perhaps done.
    #[error("interrupted")]
    Interrupted(#[source] Box<dyn StdError + Send + Sync>),
    /// The answer has more bytes than allowed; sent.
    #[error("the answer has more than {limit} bytes")]
    TooLarge {
        /// How many were allowed.
        limit: u64,
    },
    /// The answer is not what was expected; sent.
    #[error("unreadable answer: {0}")]
    Unreadable(String),
}

impl Error {
    /// Whether the other side has certainly not seen the request, so that sending it again cannot do it twice.
    pub fn is_surely_not_sent(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Invalid(_) | Self::Unreachable(_))
    }

    /// The kind as one word, for metrics and logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Invalid(_) => "invalid",
            Self::Unreachable(_) => "unreachable",
            Self::Interrupted(_) => "interrupted",
            Self::TooLarge { .. } => "too_large",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        let bare = error.without_url();
        if let Some(refusal) = find_refusal(&bare) {
            return Self::Refused(refusal);
        }
        if bare.is_builder() {
            return Self::Invalid(bare.to_string());
        }
        if bare.is_connect() {
            return Self::Unreachable(bare.into());
        }
        Self::Interrupted(bare.into())
    }
}

/// The resolver refuses deep inside the connector.
fn find_refusal(error: &reqwest::Error) -> Option<Refusal> {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(refusal) = cause.downcast_ref::<Refusal>() {
            return Some(*refusal);
        }
        source = cause.source();
    }
    None
}

impl From<Error> for weft_domain::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => Self::invalid("url_refused", refusal.to_string()),
            Error::Invalid(_) => Self::internal(error),
            Error::Unreachable(_) => Self::unavailable("remote_unreachable").with_source(error),
            Error::Interrupted(_) => Self::new(
                weft_domain::ErrorCode::Timeout,
                "remote_interrupted",
                "the other system did not answer; it may have done it",
            )
            .with_source(error),
            Error::TooLarge { .. } | Error::Unreadable(_) => {
                Self::unavailable("remote_unreadable").with_source(error)
            }
        }
    }
}
