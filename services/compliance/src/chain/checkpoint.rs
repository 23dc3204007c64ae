use chrono::{DateTime, SubsecRound, Utc};
use weft_crypto::{Kek, SigningKey, is_signed_by};
use weft_domain::{Error, Result, TenantId};
use weft_proto::{compliance::v1::Checkpoint, convert::timestamp};

use super::{Hash, encoding::Encoding, from_hex, peaks::Peaks};

/// The public key, in hex, that verifies checkpoints made under this key-encryption key.
pub fn public_key(kek: &Kek) -> Result<String> {
    signing_key(kek).map(|key| hex::encode(key.public()))
}

/// The key that signs checkpoints, of the whole installation.
pub(crate) fn signing_key(kek: &Kek) -> Result<SigningKey> {
    kek.signing_key("audit checkpoint").map_err(Error::from)
}

/// A signed checkpoint of a tree.
pub(crate) fn sign(key: &SigningKey, tenant: TenantId, tree: &Peaks, at: DateTime<Utc>) -> Checkpoint {
    let mut made = Checkpoint {
        tenant_id: tenant.to_string(),
        size: tree.size(),
        root: hex::encode(tree.root()),
        at: Some(timestamp(at.trunc_subsecs(6))),
        key: hex::encode(key.public()),
        signature: String::new(),
        peaks: tree.in_hex(),
    };
    made.signature = hex::encode(key.sign(&bytes(&made, &tree.root())));
    made
}

/// The root that a checkpoint vouches for, if one of `keys` signed it; given no keys, the key that it names itself.
pub(crate) fn vouched(checkpoint: &Checkpoint, keys: &[String]) -> Option<Hash> {
    let is_known = keys.is_empty() || keys.iter().any(|key| key.eq_ignore_ascii_case(&checkpoint.key));
    let root = from_hex(&checkpoint.root)?;
    let (key, signature) = (hex::decode(&checkpoint.key).ok()?, hex::decode(&checkpoint.signature).ok()?);
    (is_known && is_signed_by(&key, &bytes(checkpoint, &root), &signature)).then_some(root)
}

/// Peaks are not signed: they are right if they make the root.
fn bytes(checkpoint: &Checkpoint, root: &Hash) -> Vec<u8> {
    let mut encoding = Encoding::of("weft audit checkpoint 1");
    encoding.text(&checkpoint.tenant_id);
    encoding.number(checkpoint.size);
    encoding.bytes(root);
    encoding.time(checkpoint.at.as_ref());
    encoding.finish()
}
