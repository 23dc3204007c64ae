use std::str::FromStr;

use uuid::Uuid;
use weft_bus::subject;
use weft_domain::{
    Error, Result, TenantId,
    id::{self, ChannelId},
};

/// Where all sockets of one visitor listen.
///
/// Its text form is the thread's id: whoever answers in a thread knows its tenant and channel without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) tenant: TenantId,
    pub(crate) channel: ChannelId,
    pub(crate) visitor: Uuid,
}

impl Room {
    /// The id of the visitor's thread.
    pub(crate) fn thread_id(&self) -> String {
        format!("{}/{}/{}", self.tenant, self.channel, self.visitor)
    }

    /// The subject of the bus.
    pub(crate) fn subject(&self) -> Result<String> {
        let (channel, visitor) = (self.channel.to_string(), self.visitor.to_string());
        subject::live(&self.tenant.to_string(), &["webchat", &channel, &visitor])
    }

    /// The id of the visitor's message with this id of the visitor's own making.
    pub(crate) fn message_id(&self, client_id: Uuid) -> String {
        format!("{}:{client_id}", self.visitor)
    }
}

impl FromStr for Room {
    type Err = Error;

    fn from_str(thread_id: &str) -> Result<Self> {
        let mut parts = thread_id.split('/');
        let mut next = || parts.next().unwrap_or_default();
        let (tenant, channel, visitor) = (next(), next(), next());
        let room = Self {
            tenant: id::parse("thread_id", tenant)?,
            channel: id::parse("thread_id", channel)?,
            visitor: Uuid::try_parse(visitor).map_err(|_| unknown())?,
        };
        // one room has one name
        if room.thread_id() == thread_id { Ok(room) } else { Err(unknown()) }
    }
}

fn unknown() -> Error {
    Error::invalid_field("thread_id", "this is no thread of the web chat")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_names_one_room() {
        let room = Room { tenant: id::new(), channel: id::new(), visitor: Uuid::now_v7() };
        assert_eq!(room.thread_id().parse::<Room>().unwrap(), room);
        let subject = room.subject().unwrap();
        assert_eq!(subject, format!("weft.live.{}.webchat.{}.{}", room.tenant, room.channel, room.visitor));
        let swapped = format!("{}/{}/{}", room.channel, room.tenant, room.visitor);
        for other in
            ["", "a/b/c", &swapped, &format!("{}/x", room.thread_id()), &room.thread_id().to_uppercase()]
        {
            assert!(other.parse::<Room>().is_err(), "{other}");
        }
    }
}
