use sha2::{Digest, Sha256};
use weft_proto::compliance::v1::AuditEntry;

use super::{Hash, encoding::Encoding};

/// What stands before the first entry.
pub(crate) const START: Hash = [0; 32];

/// The hash of an entry that follows the one with the hash `prev`. Personal fields count as they are sealed.
pub(crate) fn hash(entry: &AuditEntry, prev: &Hash) -> Hash {
    Sha256::digest(bytes(entry, prev)).into()
}

fn bytes(entry: &AuditEntry, prev: &Hash) -> Vec<u8> {
    let mut encoding = Encoding::of("weft audit entry 1");
    encoding.bytes(prev);
    encoding.text(&entry.tenant_id);
    encoding.number(entry.seq);
    encoding.text(&entry.id);
    encoding.text(&entry.service);
    encoding.time(entry.at.as_ref());
    encoding.text(&entry.actor);
    encoding.text(&entry.user);
    encoding.text(&entry.session);
    encoding.text(&entry.action);
    encoding.bytes(&entry.outcome.to_be_bytes());
    encoding.text(&entry.reason);
    encoding.list(&entry.objects, |encoding, object| encoding.text(object));
    encoding.list(&entry.changes, |encoding, change| {
        encoding.text(&change.field);
        encoding.text(&change.value);
    });
    encoding.text(&entry.trace_id);
    encoding.number(entry.idempotent.into());
    encoding.bytes(&entry.sealed);
    encoding.finish()
}

#[cfg(test)]
mod tests;
