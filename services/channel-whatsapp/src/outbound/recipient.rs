use weft_channel::SendError;

use crate::inbound::is_user_id;

/// Whom to write to: by WhatsApp's id for this business, or by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recipient<'a> {
    User(&'a str),
    Number(&'a str),
}

impl<'a> Recipient<'a> {
    pub(crate) fn read(thread_id: &'a str) -> Result<Self, SendError> {
        if is_user_id(thread_id) {
            return Ok(Self::User(thread_id));
        }
        let digits = thread_id.strip_prefix('+').unwrap_or(thread_id);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self::Number(thread_id));
        }
        Err(SendError::message_invalid("the thread is not one of WhatsApp"))
    }

    /// The parameter that names them.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::User(_) => "recipient",
            Self::Number(_) => "to",
        }
    }

    pub(crate) fn id(self) -> &'a str {
        match self {
            Self::User(id) | Self::Number(id) => id,
        }
    }

    /// Whether WhatsApp writes the number differently.
    pub(crate) fn is_another_form(self, number: &str) -> bool {
        match self {
            Self::User(_) => false,
            Self::Number(ours) => !number.is_empty() && ours.trim_start_matches('+') != number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_a_users_id_or_a_number() {
        assert_eq!(Recipient::read("GB.300").unwrap().field(), "recipient");
        assert_eq!(Recipient::read("+447700900123").unwrap().field(), "to");
        for thread in ["", "+", "ada@example.com", "44 7700"] {
            assert!(Recipient::read(thread).is_err(), "{thread}");
        }
        let number = Recipient::read("+5491100000000").unwrap();
        assert!(number.is_another_form("541100000000") && !number.is_another_form("5491100000000"));
    }
}
