//! A visitor's file that has come, and waits for its message.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weft_channel::{Media, attachment::Kind};
use weft_crypto::sign::MacKey;
use weft_domain::{Error, Result, id::ChannelId};

use crate::{
    room::Room,
    signed::{Expires, open, seal},
};

const PURPOSE: &[u8] = b"weft webchat upload";
/// Until its message is written.
const LIFE: TimeDelta = TimeDelta::days(1);
const MAX_NAME_CHARS: usize = 100;

/// What a page shows to put the file into a message. Only the visitor who sent it can.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Upload {
    #[serde(rename = "c")]
    channel: ChannelId,
    #[serde(rename = "v")]
    visitor: Uuid,
    #[serde(rename = "i")]
    id: Uuid,
    #[serde(rename = "n")]
    pub(crate) name: String,
    #[serde(rename = "m")]
    pub(crate) mime: String,
    #[serde(rename = "s")]
    pub(crate) size: u64,
    #[serde(rename = "e", with = "chrono::serde::ts_seconds")]
    expires_at: DateTime<Utc>,
}

impl Expires for Upload {
    fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }
}

impl Upload {
    /// A file that is about to come; the same `id` of a visitor is the same file.
    pub(crate) fn new(room: &Room, id: Uuid, name: &str, mime: &str, now: DateTime<Utc>) -> Self {
        Self {
            channel: room.channel,
            visitor: room.visitor,
            id,
            name: name.chars().take(MAX_NAME_CHARS).collect(),
            mime: mime.to_owned(),
            size: 0,
            expires_at: now + LIFE,
        }
    }

    /// The same, as it was kept.
    pub(crate) fn stored(self, name: &str, mime: String, size: u64) -> Self {
        Self { name: name.chars().take(MAX_NAME_CHARS).collect(), mime, size, ..self }
    }

    /// What the page shows later.
    pub(crate) fn token(&self, key: &MacKey) -> Result<String> {
        seal(key, PURPOSE, self)
    }

    /// Reads what a visitor shows.
    pub(crate) fn read(key: &MacKey, room: &Room, token: &str, now: DateTime<Utc>) -> Result<Self> {
        let own = |upload: &Self| upload.channel == room.channel && upload.visitor == room.visitor;
        open::<Self>(key, PURPOSE, token, now).ok().filter(own).ok_or_else(|| {
            let words = "this is no file that you have sent in the last day; send it again";
            Error::invalid("unknown_upload", words).with_field("attachments")
        })
    }

    /// The file as the message names it: the host finds by it what was kept.
    pub(crate) fn media(&self) -> Media {
        let id = format!("{}:{}", self.visitor, self.id);
        Media {
            reference: id.clone(),
            kind: kind(&self.mime).into(),
            name: self.name.clone(),
            mime: self.mime.clone(),
            size: self.size,
            unique_id: id,
        }
    }
}

fn kind(mime: &str) -> Kind {
    match mime.split('/').next() {
        Some("image") => Kind::Image,
        Some("video") => Kind::Video,
        Some("audio") => Kind::Audio,
        _ => Kind::File,
    }
}

#[cfg(test)]
mod tests {
    use weft_domain::id;

    use super::*;

    #[test]
    fn only_who_sent_a_file_can_put_it_into_a_message() {
        let (key, now) = (MacKey::generate(), Utc::now());
        let room = Room { tenant: id::new(), channel: id::new(), visitor: Uuid::now_v7() };
        let upload = Upload::new(&room, Uuid::now_v7(), &"n".repeat(300), "image/png", now);
        let token = upload.token(&key).unwrap();
        let read = Upload::read(&key, &room, &token, now).unwrap();
        assert_eq!((read.media(), read.name.len()), (upload.media(), 100));
        assert_eq!(read.media().kind(), Kind::Image);
        let other = Room { visitor: Uuid::now_v7(), ..room };
        let later = now + TimeDelta::hours(25);
        for refused in [
            Upload::read(&key, &other, &token, now),
            Upload::read(&key, &Room { channel: id::new(), ..room }, &token, now),
            Upload::read(&key, &room, &token, later),
            Upload::read(&MacKey::generate(), &room, &token, now),
        ] {
            assert_eq!(refused.unwrap_err().field(), Some("attachments"));
        }
    }
}
