//! Between proto and `weft-domain`.

use chrono::{DateTime, Utc};
use prost_types::Timestamp;
use weft_domain::{
    conversation::{AuthorKind, Direction, Kind, Mark, Priority, Purpose, Status},
    delivery::State,
};

use crate::{
    channel::v1::delivery_report,
    conversation::v1::{author, content, conversation, message},
};

/// An instant for the wire.
pub fn timestamp(time: DateTime<Utc>) -> Timestamp {
    Timestamp {
        seconds: time.timestamp(),
        nanos: i32::try_from(time.timestamp_subsec_nanos()).unwrap_or_default(),
    }
}

/// An instant from the wire; none when it is out of range.
pub fn time(timestamp: &Timestamp) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(timestamp.seconds, u32::try_from(timestamp.nanos).ok()?)
}

/// Gives a domain enum its proto twin, by the same words.
macro_rules! twin {
    ($domain:ty => $proto:ty { $($variant:ident),+ }) => {
        impl From<$domain> for $proto {
            fn from(value: $domain) -> Self {
                match value { $(<$domain>::$variant => Self::$variant),+ }
            }
        }
    };
}

twin!(Status => conversation::Status { Open, Pending, Snoozed, Resolved, Closed });
twin!(Priority => conversation::Priority { Low, Normal, High, Urgent });
twin!(Mark => conversation::Mark { Star, Pin, Follow });
twin!(Purpose => message::Purpose { General, EquipmentRequest, IncidentReport, TimeLog, DailyReport });
twin!(Direction => message::Direction { Inbound, Outbound, Internal });
twin!(Kind => content::Kind { Text, Attachment, Location, ContactCard, Unsupported, Call });
twin!(AuthorKind => author::Kind { Contact, Agent, Bot, System });
twin!(State => message::State { Received, Queued, Sending, Sent, Delivered, Read, Failed, Unclear });

/// What a provider's report means for a message of ours; none when it says nothing.
pub fn reported(state: delivery_report::State) -> Option<State> {
    match state {
        delivery_report::State::Unspecified => None,
        delivery_report::State::Sent => Some(State::Sent),
        delivery_report::State::Delivered => Some(State::Delivered),
        delivery_report::State::Read => Some(State::Read),
        delivery_report::State::Failed => Some(State::Failed),
    }
}
