use std::fmt;

use chrono::{DateTime, Utc};
use weft_domain::{
    Error, Result, Role, TenantId,
    id::{ApiTokenId, SessionId, UserId},
    permission,
};

/// The kind of caller, with its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A person in a session.
    User(UserId, SessionId),
    /// A program with an API token, and the user who made the token.
    Token(ApiTokenId, UserId),
}

/// A verified caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The tenant it belongs to; nothing in a request can change that.
    pub tenant: TenantId,
    /// Who it is.
    pub subject: Subject,
    /// Its role now, or that of the user who made the token.
    pub role: Role,
    /// For API tokens: the permissions the token carries; `None` for people.
    pub scopes: Option<Vec<String>>,
    /// When its access token was made.
    pub issued_at: DateTime<Utc>,
}

impl Principal {
    /// The user behind the call.
    pub fn user(&self) -> UserId {
        match self.subject {
            Subject::User(user, _) | Subject::Token(_, user) => user,
        }
    }

    /// Whether the caller holds `permission`.
    pub fn may(&self, permission: &str) -> bool {
        self.role.allows(permission)
            && self.scopes.as_ref().is_none_or(|scopes| scopes.iter().any(|scope| scope == permission))
    }

    /// An error unless the caller holds `permission`.
    pub fn require(&self, permission: &str) -> Result<()> {
        if self.may(permission) { Ok(()) } else { Err(Error::forbidden(permission)) }
    }

    /// All permissions the caller holds.
    pub fn permissions(&self) -> Vec<&'static str> {
        permission::CATALOGUE.iter().map(|permission| permission.name).filter(|name| self.may(name)).collect()
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user, _) => user.fmt(f),
            Self::Token(token, _) => token.fmt(f),
        }
    }
}
