use std::fmt;

use weft_channel::SendError;

/// A chat, or a topic in it: `-1001234567890/17`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    pub(crate) chat: i64,
    pub(crate) topic: Option<i64>,
}

impl Destination {
    pub(crate) fn read(thread_id: &str) -> Result<Self, SendError> {
        let (chat, topic) = match thread_id.split_once('/') {
            Some((chat, topic)) => (chat.parse(), Some(topic.parse())),
            None => (thread_id.parse(), None),
        };
        match (chat, topic.transpose()) {
            (Ok(chat), Ok(topic)) => Ok(Self { chat, topic }),
            _ => Err(SendError::message_invalid("the thread is not one of Telegram")),
        }
    }

    /// The number of a message in this chat; none for ids of other chats and of button presses.
    pub(crate) fn message(self, provider_id: &str) -> Option<i64> {
        let (chat, message) = provider_id.split_once(':')?;
        (chat.parse() == Ok(self.chat)).then(|| message.parse().ok())?
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.topic {
            Some(topic) => write!(f, "{}/{topic}", self.chat),
            None => write!(f, "{}", self.chat),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_id_is_read_and_shown_alike() {
        for text in ["1000000001", "-1001000000001", "-1001000000001/17"] {
            assert_eq!(Destination::read(text).unwrap().to_string(), text);
        }
        for text in ["", "abc", "1/", "1/x", "1/2/3"] {
            assert!(Destination::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_messages_of_the_same_chat_can_be_answered() {
        let to = Destination::read("-100").unwrap();
        assert_eq!(to.message("-100:11"), Some(11));
        assert_eq!([to.message("-200:11"), to.message("callback:4382"), to.message("11")], [None; 3]);
    }
}
