use weft_crypto::{SecretString, token};
use weft_domain::{Error, Result, id, id::SessionId};
use weft_proto::{
    convert::timestamp,
    directory::v1::{RefreshRequest, Tokens},
    events::v1::SecurityRaised,
};
use weft_store::Tx;

use super::issue_tokens;
use crate::{
    directory::Directory,
    refresh_secret,
    store::{people, refresh_tokens, refresh_tokens::Model, sessions},
};

/// What became of a refresh token. Not an error: a reused one ends its session, and that has to be committed.
enum Outcome {
    Renewed { person: Box<people::Model>, session: SessionId, refresh: SecretString },
    Refused,
}

/// Trades a refresh token for a new pair. Using one twice ends the session, except the one before the present by the same
/// client within the grace time, which gets the present one again (AU-4).
pub(crate) async fn run(
    directory: &Directory,
    request: RefreshRequest,
    address: Option<&str>,
) -> Result<Tokens> {
    let presented = SecretString::from(request.refresh_token);
    let Some(found) = refresh_tokens::resolve(&directory.store, &presented).await? else {
        return Err(refused());
    };
    let (trade, found_in) = (Trade { directory, presented: &presented, address }, &found);
    let scope = directory.scope(id::from_uuid(found.tenant_id));
    let outcome = scope.write(|tx| async move { trade.run(&tx, found_in).await }).await?;
    match outcome {
        Outcome::Renewed { person, session, refresh } => {
            issue_tokens::for_session(directory, &person, session, &refresh)
        }
        Outcome::Refused => Err(refused()),
    }
}

#[derive(Clone, Copy)]
struct Trade<'a> {
    directory: &'a Directory,
    presented: &'a SecretString,
    address: Option<&'a str>,
}

impl Trade<'_> {
    async fn run(self, tx: &Tx, found: &Model) -> Result<Outcome> {
        // Holds the session until the commit: a second renewal at the same time sees what this one did.
        let Some(session) = sessions::touch(tx, found.session_id).await? else { return Ok(Outcome::Refused) };
        let person = people::get(tx, session.person_id).await?;
        let Some(present) = refresh_tokens::find(tx, self.presented).await? else {
            return Ok(Outcome::Refused);
        };
        if person.disabled {
            return Ok(Outcome::Refused);
        }
        let refresh = match &present.used_at {
            None if present.expires_at <= tx.now() => return Ok(Outcome::Refused),
            None => self.use_up(tx, &present, session.expires_at).await?,
            Some(_) => match self.same_again(tx, &present).await? {
                Some(successor) => successor,
                None => return self.end_reused(tx, &session.session_id(), &person).await,
            },
        };
        Ok(Outcome::Renewed { person: Box::new(person), session: session.session_id(), refresh })
    }

    async fn use_up(
        self,
        tx: &Tx,
        present: &Model,
        session_ends: chrono::DateTime<chrono::Utc>,
    ) -> Result<SecretString> {
        use weft_crypto::ExposeSecret;
        let salt = token::random_secret();
        refresh_tokens::use_up(tx, present.id, self.address, salt.expose_secret()).await?;
        let successor = self.successor(salt.expose_secret());
        let idle = tx.now() + self.directory.config.refresh_idle();
        refresh_tokens::insert(tx, present.session_id, &successor, idle.min(session_ends)).await?;
        Ok(successor)
    }

    /// The successor that this token was traded for, if its answer may have been lost.
    async fn same_again(self, tx: &Tx, used: &Model) -> Result<Option<SecretString>> {
        let (Some(used_at), Some(salt)) = (used.used_at, &used.salt) else { return Ok(None) };
        let is_recent = tx.now() <= used_at + self.directory.config.refresh_grace();
        if !is_recent || used.used_from.as_deref() != self.address {
            return Ok(None);
        }
        let successor = self.successor(salt);
        let stored = refresh_tokens::find(tx, &successor).await?;
        Ok(stored.filter(|row| row.used_at.is_none()).map(|_| successor))
    }

    async fn end_reused(self, tx: &Tx, session: &SessionId, person: &people::Model) -> Result<Outcome> {
        sessions::end(tx, *session, person.user_id(), "refresh_token_reused").await?;
        let event = SecurityRaised {
            kind: "refresh_token_reused".to_owned(),
            subject: person.user_id().to_string(),
            detail: format!("a refresh token of {session} was used twice; the session has ended"),
            at: Some(timestamp(tx.now())),
        };
        tx.emit_event(&person.user_id().to_string(), &event)?;
        Ok(Outcome::Refused)
    }

    fn successor(self, salt: &str) -> SecretString {
        refresh_secret::successor(&self.directory.refresh_key, self.presented, salt)
    }
}

fn refused() -> Error {
    Error::unauthenticated("invalid_refresh_token", "this session has ended; sign in again")
}
