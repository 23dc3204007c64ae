use prost_reflect::ReflectMessage;

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
    let name = M::default().descriptor().name().to_owned();
    let split = name.rfind(char::is_uppercase).unwrap_or_default();
    let (entity, change) = name.split_at(split);
    EventType { entity: snake_case(entity), change: change.to_lowercase() }
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
}
