use weft_channel::{Person, ReceiveError, Thread, inbound};

use crate::wire::{Contact, Message};

/// The ids of one person: the one that WhatsApp made for this business, and the number if they show it.
struct Ids<'a> {
    user: Option<&'a str>,
    phone: Option<&'a str>,
}

/// The thread of who wrote.
pub(super) fn sender(message: &Message, contacts: &[Contact]) -> Result<Thread, ReceiveError> {
    thread(Ids::of(message.from_user_id.as_deref(), message.from.as_deref()), contacts)
}

/// The thread of whom the business wrote to in its own app.
pub(super) fn recipient(message: &Message, contacts: &[Contact]) -> Result<Thread, ReceiveError> {
    thread(Ids::of(message.to_user_id.as_deref(), message.to.as_deref()), contacts)
}

fn thread<'a>(mut ids: Ids<'a>, contacts: &'a [Contact]) -> Result<Thread, ReceiveError> {
    let contact = contacts.iter().find(|contact| ids.are_of(contact));
    if let Some(contact) = contact {
        ids.user = ids.user.or(given(contact.user_id.as_deref()));
        ids.phone = ids.phone.or(given(contact.wa_id.as_deref()));
    }
    let id = ids.user.or(ids.phone).ok_or_else(|| ReceiveError { why: "it does not say who".to_owned() })?;
    let profile = contact.map(|contact| &contact.profile);
    let person = Person {
        id: id.to_owned(),
        name: profile.map(|profile| profile.name.clone()).unwrap_or_default(),
        username: profile.and_then(|profile| profile.username.clone()),
        phone: ids.phone.map(international),
        ..Person::default()
    };
    Ok(inbound::direct(id, person))
}

impl<'a> Ids<'a> {
    /// `from` may hold either id.
    fn of(user: Option<&'a str>, from: Option<&'a str>) -> Self {
        let from = given(from);
        Self {
            user: given(user).or(from.filter(|id| is_user_id(id))),
            phone: from.filter(|id| !is_user_id(id)),
        }
    }

    fn are_of(&self, contact: &Contact) -> bool {
        let same = |ours: Option<&str>, theirs: &Option<String>| ours.is_some() && ours == theirs.as_deref();
        same(self.user, &contact.user_id) || same(self.phone, &contact.wa_id)
    }
}

/// Whether this is an id like `GB.30000000000000000001`, and not a number.
pub(crate) fn is_user_id(id: &str) -> bool {
    let plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
    };
    let is_country = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    id.split_once('.').is_some_and(|(country, rest)| is_country(country) && plain(rest))
}

/// With the `+` that WhatsApp leaves out.
pub(super) fn international(phone: &str) -> String {
    let digits_only = phone.bytes().all(|byte| byte.is_ascii_digit());
    if digits_only { format!("+{phone}") } else { phone.to_owned() }
}

fn given(id: Option<&str>) -> Option<&str> {
    id.filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_id_is_told_from_a_number() {
        assert!(is_user_id("GB.30000000000000000001") && is_user_id("GB.ENT.30000000000000000001"));
        for id in ["447700900123", "+447700900123", "GB.", "GBR.1", ".1", "1.2", ""] {
            assert!(!is_user_id(id), "{id}");
        }
    }
}
