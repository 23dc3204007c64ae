//! Passwords: Argon2id, 19 MiB, two passes, one lane, and never more than a few at once.

use std::{sync::Arc, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Semaphore, task::spawn_blocking};
use weft_domain::Error;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// So many wait for each that is being worked on; more are turned away rather than made to wait for seconds.
const WAITING_PER_WORKER: usize = 32;

/// Hashes a password to a PHC string (`$argon2id$v=19$m=19456,t=2,p=1$…`). Takes some 20 ms and 19 MiB.
pub fn hash(password: &SecretString) -> Result<String, Error> {
    let hashed = argon2().hash_password(password.expose_secret().as_bytes());
    hashed.map(|phc| phc.to_string()).map_err(|error| Error::internal(error.to_string()))
}

/// Whether the password is the one that was hashed; a hash that cannot be read is our fault.
pub fn verify(password: &SecretString, hashed: &str) -> Result<bool, Error> {
    let parsed = PasswordHash::new(hashed).map_err(|error| Error::internal(error.to_string()))?;
    Ok(argon2().verify_password(password.expose_secret().as_bytes(), &parsed).is_ok())
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes off the async threads, at most so many at once: the memory is what an attacker would use up.
#[derive(Clone)]
pub struct PasswordHasher {
    working: Arc<Semaphore>,
    inside: Arc<Semaphore>,
}

impl PasswordHasher {
    /// Allows `at_once` hashes at a time, 19 MiB each.
    pub fn new(at_once: usize) -> Self {
        let at_once = at_once.max(1);
        Self {
            working: Arc::new(Semaphore::new(at_once)),
            inside: Arc::new(Semaphore::new(at_once * (1 + WAITING_PER_WORKER))),
        }
    }

    /// Like [`hash`].
    pub async fn hash(&self, password: SecretString) -> Result<String, Error> {
        self.run(move || hash(&password)).await
    }

    /// Like [`verify`].
    pub async fn verify(&self, password: SecretString, hashed: String) -> Result<bool, Error> {
        self.run(move || verify(&password, &hashed)).await
    }

    /// Takes as long as [`verify`](Self::verify) does, for a user who does not exist.
    pub async fn verify_dummy(&self, password: SecretString) -> Result<(), Error> {
        self.run(move || hash(&password)).await.map(drop)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let inside = Arc::clone(&self.inside);
        let place = inside.try_acquire_owned().map_err(|_| Error::throttled(Duration::from_secs(1)))?;
        let permit = Arc::clone(&self.working).acquire_owned().await.map_err(Error::internal)?;
        spawn_blocking(move || {
            // held by the work itself: a caller who gives up does not end it
            let _held = (place, permit);
            work()
        })
        .await
        .map_err(Error::internal)?
    }
}

#[cfg(test)]
mod tests;
