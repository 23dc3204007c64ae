use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, KeyInit, Payload},
};
use rand::Rng;
use zeroize::Zeroizing;

use crate::{Error, secret_key::SecretKey};

/// What is drawn anew for each value: 16 bytes derive its key, 12 are its nonce.
pub(crate) struct Fresh {
    salt: [u8; SALT],
    nonce: [u8; NONCE],
}

const SALT: usize = 16;
const NONCE: usize = 12;

impl Fresh {
    pub(crate) fn draw() -> Self {
        let mut fresh = Self { salt: [0; SALT], nonce: [0; NONCE] };
        rand::rng().fill_bytes(&mut fresh.salt);
        rand::rng().fill_bytes(&mut fresh.nonce);
        fresh
    }

    #[cfg(test)]
    pub(crate) fn fixed(salt: [u8; SALT], nonce: [u8; NONCE]) -> Self {
        Self { salt, nonce }
    }
}

/// Gives `salt | nonce | ciphertext+tag`: AES-256-GCM under a key derived for this value from `key`, salt and `info`.
pub(crate) fn seal(
    key: &SecretKey,
    fresh: &Fresh,
    info: &[u8],
    aad: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, Error> {
    let payload = Payload { msg: plain, aad };
    let ciphertext = cipher(key, &fresh.salt, info)
        .encrypt(&Nonce::from(fresh.nonce), payload)
        .map_err(|_| Error::TooLong)?;
    Ok([fresh.salt.as_slice(), &fresh.nonce, &ciphertext].concat())
}

/// Opens what [`seal`] gave.
pub(crate) fn open(
    key: &SecretKey,
    info: &[u8],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (salt, rest) = sealed.split_first_chunk::<SALT>().ok_or(Error::Unreadable)?;
    let (nonce, msg) = rest.split_first_chunk::<NONCE>().ok_or(Error::Unreadable)?;
    let plain = cipher(key, salt, info).decrypt(&Nonce::from(*nonce), Payload { msg, aad });
    plain.map(Zeroizing::new).map_err(|_| Error::Unreadable)
}

fn cipher(key: &SecretKey, salt: &[u8; SALT], info: &[u8]) -> Aes256Gcm {
    Aes256Gcm::new(key.derive(salt, info).expose().into())
}
