use weft_domain::Result;
use weft_proto::{Intent, directory::v1::KeySet};
use weft_store::{Once, installation};

use super::get_keys::key_set;
use crate::{directory::Directory, store::signing_keys};

/// Makes the key that takes over, and gives what is published now.
pub(crate) async fn run(directory: &Directory, intent: &Intent) -> Result<Once<KeySet>> {
    let lead = directory.config.key_lead();
    let scope = directory.scope(installation());
    let once = scope
        .write_once(intent, |tx| async move {
            signing_keys::rotate(&tx, lead).await?;
            Ok(key_set(signing_keys::published(&signing_keys::all(&tx).await?, tx.now())))
        })
        .await?;
    let published = directory.keyring.reload(&directory.store, directory.now()).await?;
    directory.authority.set_keys(&published);
    Ok(once)
}
