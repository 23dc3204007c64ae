use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use weft_domain::TenantId;

use crate::{
    DataKey, Error,
    aead::{self, Fresh},
    framing::frame,
    key_file,
    secret_key::SecretKey,
    sign::MacKey,
    signing_key::SigningKey,
};

/// The key that wraps data keys. It comes from outside (a setting, a file) and is never stored by us in a database.
pub struct Kek {
    key: SecretKey,
    id: [u8; 8],
}

/// What a data key is for; it unwraps for nothing else.
#[derive(Clone, Copy, Debug)]
pub struct KeyContext<'a> {
    /// Whose key it is.
    pub tenant: &'a TenantId,
    /// What it seals, like `channel` or `contact:<id>`.
    pub purpose: &'a str,
}

const VERSION: u8 = 1;
const INFO: &[u8] = b"weft wrapped data key";

impl Kek {
    /// Makes a new key; used by tests and by those who write it somewhere themselves.
    pub fn generate() -> Self {
        Self::new(SecretKey::generate())
    }

    /// Reads it from a setting: 32 bytes in base64.
    pub fn from_base64(text: &SecretString) -> Result<Self, Error> {
        SecretKey::from_base64(text.expose_secret()).map(Self::new)
    }

    /// Reads it from a file that nobody but its owner may read.
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        key_file::read(path).map(Self::new)
    }

    /// Reads it from a file, which is made with a new key when there is none. Safe when several start at once.
    pub fn from_file_or_create(path: &Path) -> Result<Self, Error> {
        key_file::read_or_create(path).map(Self::new)
    }

    fn new(key: SecretKey) -> Self {
        let digest = Sha256::digest(frame(&[b"weft kek id", key.derive(b"", b"weft kek id").expose()]));
        let mut id = [0; 8];
        id.copy_from_slice(digest.split_at(8).0);
        Self { key, id }
    }

    /// Says which key it is without saying what it is; each wrapped data key begins with it after the version.
    pub fn id(&self) -> [u8; 8] {
        self.id
    }

    /// Wraps a data key: `version | kek id (8) | data key id (4) | salt (16) | nonce (12) | ciphertext+tag`.
    pub fn wrap(&self, data_key: &DataKey, context: &KeyContext<'_>) -> Result<Vec<u8>, Error> {
        self.wrap_with(data_key, context, &Fresh::draw())
    }

    fn wrap_with(
        &self,
        data_key: &DataKey,
        context: &KeyContext<'_>,
        fresh: &Fresh,
    ) -> Result<Vec<u8>, Error> {
        let id = data_key.id().to_be_bytes();
        let sealed = aead::seal(&self.key, fresh, INFO, &self.aad(&id, context), data_key.key.expose())?;
        Ok([[VERSION].as_slice(), &self.id, &id, &sealed].concat())
    }

    /// Unwraps a data key; `UnknownKey` when another key wrapped it.
    pub fn unwrap(&self, wrapped: &[u8], context: &KeyContext<'_>) -> Result<DataKey, Error> {
        let ([version], rest) = wrapped.split_first_chunk::<1>().ok_or(Error::Unreadable)?;
        let (kek_id, rest) = rest.split_first_chunk::<8>().ok_or(Error::Unreadable)?;
        let (id, sealed) = rest.split_first_chunk::<4>().ok_or(Error::Unreadable)?;
        if *version != VERSION {
            return Err(Error::Unreadable);
        }
        if *kek_id != self.id {
            return Err(Error::UnknownKey);
        }
        let bytes = aead::open(&self.key, INFO, &self.aad(id, context), sealed)?;
        Ok(DataKey::new(u32::from_be_bytes(*id), SecretKey::from_slice(&bytes)?))
    }

    fn aad(&self, data_key_id: &[u8; 4], context: &KeyContext<'_>) -> Vec<u8> {
        let tenant = context.tenant.uuid();
        frame(&[tenant.as_bytes(), context.purpose.as_bytes(), data_key_id, &self.id, &[VERSION]])
    }

    /// Derives a key for signatures of one purpose of the whole installation; it changes when this key does.
    pub fn mac_key(&self, purpose: &str) -> MacKey {
        MacKey::new(self.key.derive(b"", &frame(&[b"weft mac key", purpose.as_bytes()])))
    }

    /// Derives a key for signatures of one purpose that others verify; it changes when this key does.
    pub fn signing_key(&self, purpose: &str) -> Result<SigningKey, Error> {
        SigningKey::new(&self.key.derive(b"", &frame(&[b"weft signing key", purpose.as_bytes()])))
    }

    /// Derives a secret text of one purpose of the whole installation: 32 bytes in base64url.
    pub fn secret_text(&self, purpose: &str) -> SecretString {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let key = self.key.derive(b"", &frame(&[b"weft secret text", purpose.as_bytes()]));
        URL_SAFE_NO_PAD.encode(key.expose()).into()
    }
}

#[cfg(test)]
mod tests;
