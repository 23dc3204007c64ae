//! Signatures that others verify without a secret (Ed25519), for what leaves the installation and stays outside.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::{Error, secret_key::SecretKey};

/// A private key that signs; it is derived from the key-encryption key, so that all replicas sign alike.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    pub(crate) fn new(seed: &SecretKey) -> Result<Self, Error> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose());
        pair.map(Self).map_err(|_| Error::BadKey("it makes no Ed25519 key".to_owned()))
    }

    /// The 32 bytes that others verify with.
    pub fn public(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    /// The signature of a message, 64 bytes.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

/// Whether `signature` is that of the owner of `public` over `message`.
pub fn is_signed_by(public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public).verify(message, signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kek;

    #[test]
    fn a_signature_holds_for_its_message_and_key_alone() {
        let kek = Kek::generate();
        let key = kek.signing_key("a").unwrap();
        let signature = key.sign(b"words");
        assert!(is_signed_by(kek.signing_key("a").unwrap().public(), b"words", &signature));
        assert!(!is_signed_by(key.public(), b"other words", &signature));
        assert!(!is_signed_by(kek.signing_key("b").unwrap().public(), b"words", &signature));
        assert!(!is_signed_by(b"no key", b"words", &signature));
    }
}
