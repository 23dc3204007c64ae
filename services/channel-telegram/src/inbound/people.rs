use weft_channel::{Person, Thread, inbound};

use crate::wire::{Chat, Message, User};

/// The thread of a chat, or of one topic in it.
pub(super) fn thread(chat: &Chat, topic: Option<i64>, contact: Option<&User>) -> Thread {
    let id = match topic {
        Some(topic) => format!("{}/{topic}", chat.id),
        None => chat.id.to_string(),
    };
    if chat.kind != "private" {
        return inbound::group(id, chat.title.clone().unwrap_or_default());
    }
    // in a private chat the chat's id is the person's
    let person = contact.filter(|user| user.id == chat.id).map_or_else(|| chat_as_person(chat), user);
    inbound::direct(id, person)
}

/// The topic a message is in; a thread id without the mark is only a chain of replies.
pub(super) fn topic(message_thread_id: Option<i64>, is_topic_message: bool) -> Option<i64> {
    message_thread_id.filter(|_| is_topic_message)
}

/// Who wrote it, in a group. A chat may write there, too: a linked channel, or the group itself for anonymous admins.
pub(super) fn sender(message: &Message) -> Option<Person> {
    if message.chat.kind == "private" {
        return None;
    }
    match (&message.sender_chat, &message.from) {
        (Some(chat), _) => {
            let mut person = chat_as_person(chat);
            if let Some(signature) = &message.author_signature {
                person.name = format!("{} ({signature})", person.name);
            }
            Some(person)
        }
        (None, Some(from)) => Some(user(from)),
        (None, None) => None,
    }
}

pub(super) fn user(user: &User) -> Person {
    Person {
        id: user.id.to_string(),
        name: full_name(&user.first_name, user.last_name.as_deref()),
        username: user.username.clone(),
        language: user.language_code.clone(),
        is_bot: user.is_bot,
        ..Person::default()
    }
}

pub(super) fn chat_as_person(chat: &Chat) -> Person {
    let named = full_name(chat.first_name.as_deref().unwrap_or_default(), chat.last_name.as_deref());
    Person {
        id: chat.id.to_string(),
        name: chat.title.clone().unwrap_or(named),
        username: chat.username.clone(),
        ..Person::default()
    }
}

pub(super) fn full_name(first: &str, last: Option<&str>) -> String {
    format!("{first} {}", last.unwrap_or_default()).trim().to_owned()
}
