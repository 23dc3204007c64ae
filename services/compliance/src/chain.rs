//! How entries hang together: the bytes that are hashed, the tree over the hashes, and what is signed of it.

pub(crate) mod checkpoint;
pub(crate) mod encoding;
pub(crate) mod link;
pub(crate) mod peaks;

/// A SHA-256 hash.
pub(crate) type Hash = [u8; 32];

/// A hash given in hex.
pub(crate) fn from_hex(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).ok()?;
    Some(hash)
}
