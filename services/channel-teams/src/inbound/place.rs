use weft_channel::{Person, ReceiveError, Thread, inbound, thread};

use super::{Context, wrong};

impl Context<'_> {
    /// Whether it is the conversation of one person with the bot.
    pub(super) fn is_personal(&self) -> bool {
        self.activity.conversation.conversation_type == "personal"
    }

    /// The thread, and in a group or channel who did it. A channel's thread has an id of its own, with its first message in it.
    pub(super) fn thread(&self) -> Result<(Thread, Option<Person>), ReceiveError> {
        let place = &self.activity.conversation;
        if place.id.is_empty() {
            return Err(wrong("it does not say in which conversation"));
        }
        let person = self.person();
        if self.is_personal() {
            let title = person.as_ref().map(|person| person.name.clone()).unwrap_or_default();
            let kind = thread::Kind::Direct.into();
            return Ok((Thread { id: place.id.clone(), kind, title, contact: person }, None));
        }
        let channel = self.activity.channel_data.as_ref().and_then(|data| data.channel.as_ref());
        let title = place.name.as_deref().or_else(|| channel?.name.as_deref()).unwrap_or_default();
        Ok((inbound::group(place.id.clone(), title), person))
    }

    fn person(&self) -> Option<Person> {
        let from = self.activity.from.as_ref().filter(|from| !from.id.is_empty() && from.app().is_none())?;
        Some(Person {
            id: from.id.clone(),
            name: from.name.clone(),
            language: self.activity.locale.clone(),
            ..Person::default()
        })
    }
}
