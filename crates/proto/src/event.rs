use prost_reflect::{MessageDescriptor, ReflectMessage};

use crate::{POOL, operation::extension, options::v1::Event};

const PACKAGE: &str = "weft.events.v1";

/// How an event is called on the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventType {
    /// What it is about: `message`.
    pub entity: String,
    /// What happened: `created`.
    pub change: String,
}

impl EventType {
    /// The CloudEvents type: `weft.v1.message.created`.
    pub fn cloud_event(&self) -> String {
        format!("weft.v1.{}.{}", self.entity, self.change)
    }

    /// The short name: `message.created`.
    pub fn short(&self) -> String {
        format!("{}.{}", self.entity, self.change)
    }
}

/// The type of an event of `weft.events.v1`, taken from its message's name: the last capitalised word is the change.
pub fn event_type<M: ReflectMessage + Default>() -> EventType {
    event_type_of(&M::default().descriptor())
}

/// The same of a descriptor.
pub fn event_type_of(message: &MessageDescriptor) -> EventType {
    let name = message.name();
    let split = name.rfind(char::is_uppercase).unwrap_or_default();
    let (entity, change) = name.split_at(split);
    EventType { entity: snake_case(entity), change: change.to_lowercase() }
}

/// What travels on `EVENTS`, in the order of `proto/`, with what everybody who follows it may count on.
pub fn events() -> Vec<(MessageDescriptor, Event)> {
    let messages = POOL.all_messages().filter(|message| message.package_name() == PACKAGE);
    messages
        .filter_map(|message| {
            let promised = extension(&message.options(), "weft.options.v1.event")?;
            Some((message, promised))
        })
        .collect()
}

fn snake_case(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 1);
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push('_');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::v1::{AgentAvailabilityUpdated, ChannelkindAnnounced, MessageCreated};

    #[test]
    fn an_event_is_called_by_entity_and_change() {
        assert_eq!(event_type::<MessageCreated>().cloud_event(), "weft.v1.message.created");
        assert_eq!(event_type::<ChannelkindAnnounced>().short(), "channelkind.announced");
        assert_eq!(event_type::<AgentAvailabilityUpdated>().short(), "agent_availability.updated");
    }

    #[test]
    fn an_events_key_is_a_field_of_its_own() {
        let all = events();
        let others =
            POOL.all_messages().filter(|message| message.package_name() == PACKAGE).count() - all.len();
        assert_eq!(
            others, 4,
            "typing, presence, attendance and viewers are on no stream; any other event says what one may count on"
        );
        for (message, promised) in all.iter().filter(|(_, promised)| !promised.key.is_empty()) {
            let mut at = Some(message.clone());
            for name in promised.key.split('.') {
                let field = at.and_then(|message| message.get_field_by_name(name));
                let kind = field.unwrap_or_else(|| panic!("{}: {}", message.name(), promised.key)).kind();
                at = kind.as_message().cloned();
            }
        }
    }
}
