use std::{borrow::Cow, time::Duration};

use thiserror::Error;
use weft_capabilities::Refused;

use crate::TransportError;

/// A provider that asks for more is asked again nevertheless.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// What the provider took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The provider's ids of what was sent.
    pub provider_message_ids: Vec<String>,
    /// The thread's new id, when the provider moved it.
    pub moved_to: Option<String>,
    /// The thread alone moved: the contact is still called by what the message was sent to.
    pub contact_stays: bool,
    /// What did not go as the agent wrote it, in plain words.
    pub warnings: Vec<String>,
}

/// Why something did not go to the provider. The words are for agents and hold no secrets.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SendError {
    /// The account does not work any more; a person has to look at it.
    #[error("the channel's account does not work: {why}")]
    AccountInvalid {
        /// In plain words.
        why: String,
    },
    /// This message cannot be sent as it is.
    #[error("the message cannot be sent: {why}")]
    MessageInvalid {
        /// In plain words.
        why: String,
    },
    /// The provider has nothing like it.
    #[error("this channel does not support {feature}")]
    Unsupported {
        /// A noun.
        feature: Cow<'static, str>,
    },
    /// It surely did not go; later it may.
    #[error("the provider cannot be reached: {why}")]
    Unreachable {
        /// In plain words.
        why: String,
    },
    /// Too many calls.
    #[error("the provider asks to slow down")]
    Throttled {
        /// How long to wait, if the provider says; [`SendError::retry`] bounds it.
        retry_after: Option<Duration>,
    },
    /// The provider will not take it.
    #[error("the provider refused the message: {reason}")]
    Rejected {
        /// The provider's own code.
        code: String,
        /// In plain words.
        reason: String,
    },
    /// The recipient cannot be written to any more.
    #[error("the contact cannot be reached any more: {reason}")]
    RecipientGone {
        /// In plain words.
        reason: String,
    },
    /// The provider answered something that we cannot read, so it may have gone.
    #[error("the provider's answer cannot be read: {why}")]
    Unreadable {
        /// What was wrong, without its content.
        why: String,
    },
    /// It may or may not have gone.
    #[error("it is not clear whether the message was sent: {why}")]
    Unclear {
        /// In plain words.
        why: String,
    },
}

/// What to do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It will never work.
    Never,
    /// Try again exactly then.
    After(Duration),
    /// Try again with growing waits.
    Backoff,
    /// It may have gone: a repeatable call is repeated, any other is shown to a person.
    AskPerson,
}

impl SendError {
    /// Makes [`SendError::AccountInvalid`].
    pub fn account_invalid(why: impl Into<String>) -> Self {
        Self::AccountInvalid { why: why.into() }
    }

    /// Makes [`SendError::MessageInvalid`].
    pub fn message_invalid(why: impl Into<String>) -> Self {
        Self::MessageInvalid { why: why.into() }
    }

    /// Makes [`SendError::Unsupported`].
    pub fn unsupported(feature: impl Into<Cow<'static, str>>) -> Self {
        Self::Unsupported { feature: feature.into() }
    }

    /// Makes [`SendError::Unreachable`].
    pub fn unreachable(why: impl Into<String>) -> Self {
        Self::Unreachable { why: why.into() }
    }

    /// Makes [`SendError::Rejected`].
    pub fn rejected(code: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Rejected { code: code.into(), reason: reason.into() }
    }

    /// Makes [`SendError::RecipientGone`].
    pub fn recipient_gone(reason: impl Into<String>) -> Self {
        Self::RecipientGone { reason: reason.into() }
    }

    /// Makes [`SendError::Unclear`].
    pub fn unclear(why: impl Into<String>) -> Self {
        Self::Unclear { why: why.into() }
    }

    /// The same failure of a call that may be repeated without harm: what is unclear then only did not work.
    #[must_use]
    pub fn of_repeatable(self) -> Self {
        match self {
            Self::Unreadable { why } | Self::Unclear { why } => Self::Unreachable { why },
            other => other,
        }
    }

    /// What to do about it.
    pub fn retry(&self) -> Retry {
        match self {
            Self::AccountInvalid { .. }
            | Self::MessageInvalid { .. }
            | Self::Unsupported { .. }
            | Self::Rejected { .. }
            | Self::RecipientGone { .. } => Retry::Never,
            Self::Throttled { retry_after: Some(after) } => Retry::After((*after).min(LONGEST_WAIT)),
            Self::Throttled { retry_after: None } | Self::Unreachable { .. } => Retry::Backoff,
            Self::Unreadable { .. } | Self::Unclear { .. } => Retry::AskPerson,
        }
    }

    /// Why, without saying that it was about sending.
    pub fn why(&self) -> Cow<'_, str> {
        match self {
            Self::MessageInvalid { why } | Self::Unreadable { why } | Self::Unclear { why } => why.into(),
            Self::Rejected { reason, .. } | Self::RecipientGone { reason } => reason.into(),
            Self::AccountInvalid { .. }
            | Self::Unsupported { .. }
            | Self::Unreachable { .. }
            | Self::Throttled { .. } => self.to_string().into(),
        }
    }

    /// A stable word; for [`SendError::Rejected`] the provider's own.
    pub fn code(&self) -> &str {
        match self {
            Self::AccountInvalid { .. } => "account_invalid",
            Self::MessageInvalid { .. } => "message_invalid",
            Self::Unsupported { .. } => "unsupported",
            Self::Unreachable { .. } => "unreachable",
            Self::Throttled { .. } => "throttled",
            Self::Rejected { code, .. } => code,
            Self::RecipientGone { .. } => "recipient_gone",
            Self::Unreadable { .. } => "unreadable_answer",
            Self::Unclear { .. } => "unclear",
        }
    }
}

impl From<TransportError> for SendError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Refused { why } => Self::rejected("address_refused", why),
            TransportError::Unreachable { why } => Self::Unreachable { why },
            TransportError::Interrupted { why } => Self::Unclear { why },
            TransportError::TooLarge => Self::Unreadable { why: "the answer is too large".to_owned() },
            // nothing was sent yet
            TransportError::NoAccess { why } => why.of_repeatable(),
        }
    }
}

impl Receipt {
    /// One message with this id.
    pub fn of(id: impl Into<String>) -> Self {
        Self { provider_message_ids: vec![id.into()], ..Self::default() }
    }
}

impl From<Refused> for SendError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Expired => Self::rejected("expired", refused.to_string()),
            Refused::NoTemplates => Self::unsupported("templates"),
            Refused::Empty | Refused::FileTooLarge { .. } => Self::message_invalid(refused.to_string()),
        }
    }
}
