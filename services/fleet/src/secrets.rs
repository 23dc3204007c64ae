//! Secrets that are made once and kept in the data folder when the configuration gives none.

use std::{path::Path, sync::Arc};

use secrecy::SecretString;
use weft_crypto::Kek;
use weft_domain::{Error, Result};

use crate::Settings;

/// The key that wraps all other keys.
pub(crate) fn key_encryption_key(settings: &Settings) -> Result<Arc<Kek>> {
    let kek = match &settings.auth.key_encryption_key {
        Some(text) => Kek::from_base64(text),
        None => Kek::from_file_or_create(&folder(settings)?.join("key_encryption_key")),
    };
    kek.map(Arc::new).map_err(Error::from)
}

/// What services of the fleet prove themselves with. Derived from the key-encryption key unless it is given, so that one
/// file is all a laptop has to keep.
pub(crate) fn fleet_secret(settings: &Settings, kek: &Kek) -> SecretString {
    match &settings.auth.fleet_secret {
        Some(secret) => secret.clone(),
        None => kek.secret_text("fleet identity"),
    }
}

fn folder(settings: &Settings) -> Result<std::path::PathBuf> {
    let folder = settings.data.folder.join("keys");
    create(&folder)?;
    Ok(folder)
}

/// Makes a folder that only we may look into.
fn create(folder: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| {
        Error::new(
            weft_domain::ErrorCode::Unavailable,
            "data_folder",
            format!("cannot create {}: {error}", folder.display()),
        )
    })
}
