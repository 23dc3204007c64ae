//! Where a visitor's page finds a file of its thread.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weft_crypto::sign::MacKey;
use weft_domain::{
    Error, ErrorCode, Result,
    id::{ChannelId, FileId},
};

use crate::{
    room::Room,
    signed::{Expires, Fault, open, seal},
};

const PURPOSE: &[u8] = b"weft webchat file";
/// A page that is left open for a day asks for its history again.
const LIFE: TimeDelta = TimeDelta::days(1);

/// What a link gives, and to whom.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Link {
    #[serde(rename = "c")]
    channel: ChannelId,
    #[serde(rename = "v")]
    pub(crate) visitor: Uuid,
    #[serde(rename = "f")]
    pub(crate) file: FileId,
    #[serde(rename = "e", with = "chrono::serde::ts_seconds")]
    expires_at: DateTime<Utc>,
}

impl Expires for Link {
    fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }
}

/// The path of a file that stands in this visitor's thread. Pages without headers of their own open it: images, downloads.
pub(crate) fn path(key: &MacKey, room: &Room, file: FileId, now: DateTime<Utc>) -> Result<String> {
    let link = Link { channel: room.channel, visitor: room.visitor, file, expires_at: now + LIFE };
    Ok(format!("/webchat/{}/files/{}", room.channel, seal(key, PURPOSE, &link)?))
}

/// Reads a link of this channel.
pub(crate) fn read(key: &MacKey, channel: ChannelId, link: &str, now: DateTime<Utc>) -> Result<Link> {
    match open::<Link>(key, PURPOSE, link, now) {
        Ok(link) if link.channel == channel => Ok(link),
        Ok(_) | Err(Fault::Wrong) => {
            let words = "this link is not valid; list the messages again";
            Err(Error::new(ErrorCode::Forbidden, "invalid_link", words))
        }
        Err(Fault::Expired) => {
            let words = "this link has expired; list the messages again";
            Err(Error::new(ErrorCode::Forbidden, "link_expired", words))
        }
    }
}

#[cfg(test)]
mod tests {
    use weft_domain::id;

    use super::*;

    #[test]
    fn a_link_gives_its_file_in_its_channel_for_a_day() {
        let (key, now) = (MacKey::generate(), Utc::now());
        let room = Room { tenant: id::new(), channel: id::new(), visitor: Uuid::now_v7() };
        let file = id::new();
        let path = path(&key, &room, file, now).unwrap();
        let link = path.rsplit('/').next().unwrap();
        let given = read(&key, room.channel, link, now + TimeDelta::hours(23)).unwrap();
        assert_eq!((given.file, given.visitor), (file, room.visitor));
        let reason = |key: &MacKey, channel, link: &str, now| {
            read(key, channel, link, now).unwrap_err().reason().to_owned()
        };
        assert_eq!(reason(&key, id::new(), link, now), "invalid_link");
        assert_eq!(reason(&MacKey::generate(), room.channel, link, now), "invalid_link");
        assert_eq!(reason(&key, room.channel, &format!("{link}x"), now), "invalid_link");
        assert_eq!(reason(&key, room.channel, link, now + TimeDelta::hours(25)), "link_expired");
    }
}
