use std::time::Duration;

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use weft_domain::{Result, id, parse_word};

use crate::{Principal, Subject};

/// Who makes access tokens.
pub const ISSUER: &str = "weft";
/// Whom access tokens are for.
pub const AUDIENCE: &str = "weft-api";
/// How long an access token is good.
pub const ACCESS_TOKEN_LIFE: Duration = Duration::from_secs(600);

/// An access token's content (RFC 9068).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) sub: String,
    pub(crate) tenant: String,
    pub(crate) sid: String,
    pub(crate) jti: String,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scopes: Option<Vec<String>>,
}

impl Claims {
    pub(crate) fn new(principal: &Principal) -> Self {
        let issued_at = principal.issued_at.timestamp();
        let life = i64::try_from(ACCESS_TOKEN_LIFE.as_secs()).unwrap_or_default();
        let sid = match principal.subject {
            Subject::User(_, session) => session.to_string(),
            Subject::Token(token, _) => token.to_string(),
        };
        Self {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: principal.user().to_string(),
            tenant: principal.tenant.to_string(),
            sid,
            jti: uuid::Uuid::now_v7().to_string(),
            iat: issued_at,
            exp: issued_at + life,
            role: principal.role.to_string(),
            scopes: principal.scopes.clone(),
        }
    }

    pub(crate) fn principal(self) -> Result<Principal> {
        let user = id::parse("sub", &self.sub)?;
        let subject = match id::parse("sid", &self.sid) {
            Ok(session) => Subject::User(user, session),
            Err(_) => Subject::Token(id::parse("sid", &self.sid)?, user),
        };
        Ok(Principal {
            tenant: id::parse("tenant", &self.tenant)?,
            subject,
            role: parse_word("role", &self.role)?,
            scopes: self.scopes,
            issued_at: DateTime::from_timestamp(self.iat, 0).unwrap_or_default(),
        })
    }
}
