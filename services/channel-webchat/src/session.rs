use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weft_crypto::sign::MacKey;
use weft_domain::{Error, Result, id::ChannelId};

use crate::signed::{Expires, Fault, open, seal};

const PURPOSE: &[u8] = b"weft webchat session";

/// What a visitor's token says. Nothing of it is kept here: the token is all there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    #[serde(rename = "s")]
    pub(crate) id: Uuid,
    #[serde(rename = "c")]
    pub(crate) channel: ChannelId,
    #[serde(rename = "v")]
    pub(crate) visitor: Uuid,
    #[serde(rename = "e", with = "chrono::serde::ts_seconds")]
    pub(crate) expires_at: DateTime<Utc>,
    /// As the visitor says; nobody has checked it.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// As the visitor says; nobody has checked it.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    /// As the visitor says; nobody has checked it.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub(crate) phone: Option<String>,
    /// Whom the tenant's server says it is; none: nobody has proved anything.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
    /// The form was filled in.
    #[serde(rename = "a", default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) answered: bool,
}

impl Session {
    /// The token.
    pub(crate) fn token(&self, key: &MacKey) -> Result<String> {
        seal(key, PURPOSE, self)
    }

    /// Reads a token of this channel.
    pub(crate) fn read(key: &MacKey, channel: ChannelId, token: &str, now: DateTime<Utc>) -> Result<Self> {
        match open::<Self>(key, PURPOSE, token, now) {
            Ok(session) if session.channel == channel => Ok(session),
            Ok(_) | Err(Fault::Wrong) => Err(refused()),
            Err(Fault::Expired) => {
                Err(Error::unauthenticated("session_expired", "this session is over; open a new one"))
            }
        }
    }
}

impl Expires for Session {
    fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }
}

fn refused() -> Error {
    Error::unauthenticated("invalid_session", "this is no session of this chat; open a new one")
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use weft_domain::id;

    use super::*;

    fn session(now: DateTime<Utc>) -> Session {
        Session {
            id: Uuid::now_v7(),
            channel: id::new(),
            visitor: Uuid::now_v7(),
            expires_at: DateTime::from_timestamp(now.timestamp(), 0).unwrap() + TimeDelta::days(30),
            name: Some("Ada".into()),
            email: None,
            phone: None,
            user: None,
            answered: false,
        }
    }

    #[test]
    fn a_token_holds_for_its_channel_its_key_and_its_time_only() {
        let (key, now) = (MacKey::generate(), Utc::now());
        let session = session(now);
        let token = session.token(&key).unwrap();
        assert_eq!(Session::read(&key, session.channel, &token, now).unwrap(), session);
        let reason = |key: &MacKey, channel, token: &str, now| {
            Session::read(key, channel, token, now).unwrap_err().reason().to_owned()
        };
        assert_eq!(reason(&MacKey::generate(), session.channel, &token, now), "invalid_session");
        assert_eq!(reason(&key, id::new(), &token, now), "invalid_session");
        let late = now + TimeDelta::days(31);
        assert_eq!(reason(&key, session.channel, &token, late), "session_expired");
        let other = Session { visitor: Uuid::now_v7(), ..session.clone() }.token(&key).unwrap();
        let (body, signature) = (other.split_once('.').unwrap().0, token.split_once('.').unwrap().1);
        for forged in
            [format!("{body}.{signature}"), String::new(), ".".into(), "a.b".into(), format!("{token}x")]
        {
            assert_eq!(reason(&key, session.channel, &forged, now), "invalid_session", "{forged}");
        }
    }
}
