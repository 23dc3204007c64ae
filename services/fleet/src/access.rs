//! What a service says and hears on the bus besides what it consumes: the allow-list of its NATS user comes from it.

use uuid::Uuid;
use weft_domain::id::{self, Tenant};

/// Subjects, with wildcards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// What it publishes.
    pub publishes: Vec<String>,
    /// What it subscribes to without a consumer.
    pub listens: Vec<String>,
}

impl Access {
    /// What a service needs that emits events of these entities, and tells the audit log what it does.
    pub fn of_events(entities: &[&str]) -> Self {
        let events = entities.iter().map(|entity| format!("weft.events.*.{entity}.*"));
        Self { publishes: events.chain(["weft.audit.*".to_owned()]).collect(), listens: Vec::new() }
    }

    /// What the adapter of this kind needs: it brings what its provider says, and says what it can do (AU-14).
    pub fn of_channel(kind: &str) -> Self {
        let installation = id::from_uuid::<Tenant>(Uuid::nil());
        Self {
            publishes: vec![
                format!("weft.in.*.{kind}"),
                format!("weft.log.{kind}"),
                format!("weft.events.{installation}.channelkind.announced"),
            ],
            listens: vec![format!("weft.live.*.typing_out.{kind}")],
        }
    }

    /// The same, and it takes dead letters from the bus and publishes their events again.
    #[must_use]
    pub fn replaying(self) -> Self {
        let letters = ["$JS.API.DIRECT.GET.DEAD", "$JS.API.STREAM.MSG.DELETE.DEAD"];
        self.publishing(&letters).publishing(&["weft.in.>", "weft.out.>", "weft.events.>", "weft.log.>"])
    }

    /// The same, and it publishes on these subjects.
    #[must_use]
    pub fn publishing(mut self, subjects: &[&str]) -> Self {
        self.publishes.extend(subjects.iter().map(|&subject| subject.to_owned()));
        self
    }

    /// The same, and it listens to these subjects.
    #[must_use]
    pub fn listening(mut self, subjects: &[&str]) -> Self {
        self.listens.extend(subjects.iter().map(|&subject| subject.to_owned()));
        self
    }
}

#[cfg(test)]
mod tests {
    use crate::roster::ENTRIES;

    #[test]
    fn a_service_may_tell_of_every_event_that_is_said_to_be_its_own() {
        let mut seen = 0;
        for (message, promised) in weft_proto::events() {
            let Some(entry) = ENTRIES.iter().find(|entry| entry.name == promised.service) else { continue };
            let entity = weft_proto::event_type_of(&message).entity;
            let subject = format!("weft.events.*.{entity}.*");
            assert!((entry.access)().publishes.contains(&subject), "{}: {subject}", entry.name);
            seen += 1;
        }
        assert!(seen > 20, "{seen} events");
    }
}
