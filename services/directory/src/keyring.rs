use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_auth::{Principal, PublicKey, Signer};
use weft_domain::{Error, Result};
use weft_store::{Store, Tx, installation};

use crate::store::signing_keys::{self, Model};

/// The signing keys, opened. Which one signs is a matter of time alone, so all replicas agree without talking.
#[derive(Default)]
pub(crate) struct Keyring(ArcSwap<Vec<Opened>>);

#[derive(Clone)]
struct Opened {
    id: Uuid,
    signs_from: DateTime<Utc>,
    signer: Arc<Signer>,
}

impl Keyring {
    /// Takes the keys that the database has now, and gives those to publish.
    pub(crate) async fn reload(&self, store: &Store, now: DateTime<Utc>) -> Result<Vec<PublicKey>> {
        let known = self.0.load_full();
        let scope = store.tenant(installation());
        let (keys, opened) = scope
            .read(|tx| async move {
                let keys = signing_keys::all(&tx).await?;
                let mut opened = Vec::with_capacity(keys.len());
                for key in &keys {
                    opened.push(open(&tx, key, &known).await?);
                }
                Ok((keys, opened))
            })
            .await?;
        self.0.store(Arc::new(opened));
        Ok(signing_keys::published(&keys, now))
    }

    /// An access token, signed by the key whose time it is.
    pub(crate) fn sign(&self, principal: &Principal, now: DateTime<Utc>) -> Result<String> {
        let keys = self.0.load();
        // The first key signs at once, also by a clock that is a little behind that of who made it.
        let active = keys.iter().rev().find(|key| key.signs_from <= now).or(keys.first());
        let Some(key) = active else { return Err(Error::unavailable("no_signing_key")) };
        key.signer.sign(principal)
    }
}

async fn open(tx: &Tx, key: &Model, known: &[Opened]) -> Result<Opened> {
    if let Some(same) = known.iter().find(|opened| opened.id == key.id) {
        return Ok(same.clone());
    }
    let private = signing_keys::open(tx, key).await?;
    let signer = Arc::new(Signer::new(&signing_keys::kid(key.id), &private)?);
    Ok(Opened { id: key.id, signs_from: key.signs_from, signer })
}
