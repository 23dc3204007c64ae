use weft_channel::{Person, Thread, inbound, thread};

/// Where something happened.
pub(super) struct Place<'a> {
    pub(super) channel: &'a str,
    /// `im`, `mpim`, `channel`, `group`, `app_home`; empty where Slack does not say.
    pub(super) channel_type: &'a str,
    /// The message that the channel's thread hangs on.
    pub(super) root: &'a str,
}

impl Place<'_> {
    /// Whether it is the conversation of one person with the app.
    pub(super) fn is_direct(&self) -> bool {
        match self.channel_type {
            "im" | "app_home" => true,
            "" => self.channel.starts_with('D'),
            _ => false,
        }
    }

    /// The thread, and in a channel who did it. People in a channel talk in threads, each of which is a conversation.
    pub(super) fn thread(&self, person: Option<Person>) -> (Thread, Option<Person>) {
        if self.is_direct() {
            let title = person.as_ref().map(|person| person.name.clone()).unwrap_or_default();
            let kind = thread::Kind::Direct.into();
            return (Thread { id: self.channel.to_owned(), kind, title, contact: person }, None);
        }
        let id = match self.channel_type {
            "mpim" => self.channel.to_owned(),
            _ => format!("{}/{}", self.channel, self.root),
        };
        (inbound::group(id, ""), person)
    }
}

/// A person of whom only the id is told.
pub(super) fn person(id: &str) -> Person {
    Person { id: id.to_owned(), ..Person::default() }
}

/// The id of a message beyond its channel.
pub(super) fn message_id(channel: &str, ts: &str) -> String {
    format!("{channel}:{ts}")
}
