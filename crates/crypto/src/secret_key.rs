use base64::{Engine, prelude::BASE64_STANDARD};
use hkdf::Hkdf;
use rand::Rng;
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Error;

/// 32 secret bytes on the heap, zeroed on drop, never shown.
pub(crate) struct SecretKey(SecretBox<[u8; 32]>);

impl SecretKey {
    pub(crate) fn generate() -> Self {
        Self(SecretBox::init_with_mut(|bytes: &mut [u8; 32]| rand::rng().fill_bytes(bytes)))
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() != 32 {
            return Err(Error::BadKey(format!("it has {} bytes instead of 32", bytes.len())));
        }
        Ok(Self(SecretBox::init_with_mut(|key: &mut [u8; 32]| key.copy_from_slice(bytes))))
    }

    pub(crate) fn from_base64(text: &str) -> Result<Self, Error> {
        let bytes = BASE64_STANDARD.decode(text.trim()).map(Zeroizing::new);
        Self::from_slice(&bytes.map_err(|_| Error::BadKey("it is not base64".to_owned()))?)
    }

    pub(crate) fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64_STANDARD.encode(self.expose()))
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }

    /// HKDF-SHA256 (RFC 5869) to another key.
    pub(crate) fn derive(&self, salt: &[u8], info: &[u8]) -> Self {
        Self(SecretBox::init_with_mut(|key: &mut [u8; 32]| {
            Hkdf::<Sha256>::new(Some(salt), self.expose())
                .expand(info, key)
                .expect("32 bytes are less than 255 blocks");
        }))
    }
}
