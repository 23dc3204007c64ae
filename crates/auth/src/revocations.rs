use chrono::{DateTime, TimeDelta, Utc};
use dashmap::DashMap;
use weft_domain::id::{ApiTokenId, SessionId, UserId};

use crate::{Principal, Subject};

/// Longer than an access token and its leeway can live.
const KEEP: TimeDelta = TimeDelta::minutes(15);

/// What was taken back before its access tokens expire. Fed by events; bounded by the life of a token.
#[derive(Debug, Default)]
pub struct Revocations {
    sessions: DashMap<SessionId, DateTime<Utc>>,
    users: DashMap<UserId, DateTime<Utc>>,
    tokens: DashMap<ApiTokenId, DateTime<Utc>>,
}

impl Revocations {
    /// A session ended.
    pub fn session(&self, session: SessionId, at: DateTime<Utc>) {
        self.sessions.insert(session, at);
        self.forget_old(at);
    }

    /// All of a user's sessions ended; those made later count.
    pub fn user(&self, user: UserId, at: DateTime<Utc>) {
        self.users.insert(user, at);
        self.forget_old(at);
    }

    /// An API token was revoked.
    pub fn token(&self, token: ApiTokenId, at: DateTime<Utc>) {
        self.tokens.insert(token, at);
        self.forget_old(at);
    }

    /// Whether what the caller shows has been taken back.
    pub fn includes(&self, principal: &Principal) -> bool {
        // Tokens carry whole seconds: one made in the second of the revocation counts as made before it.
        let user_revoked = self
            .users
            .get(&principal.user())
            .is_some_and(|at| principal.issued_at.timestamp() <= at.timestamp());
        user_revoked
            || match principal.subject {
                Subject::User(_, session) => self.sessions.contains_key(&session),
                Subject::Token(token, _) => self.tokens.contains_key(&token),
            }
    }

    fn forget_old(&self, now: DateTime<Utc>) {
        self.sessions.retain(|_, at| *at + KEEP > now);
        self.users.retain(|_, at| *at + KEEP > now);
        self.tokens.retain(|_, at| *at + KEEP > now);
    }
}
