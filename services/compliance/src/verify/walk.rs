use ct_merkle::{RootHash, mem_backed_tree::MemoryBackedTree};
use sha2::Sha256;
use weft_proto::{
    compliance::v1::{AuditEntry, Checkpoint},
    convert::time,
};

use super::Fault;
use crate::chain::{Hash, checkpoint::vouched, from_hex, link};

/// What has been proven of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// Whose log it is.
    pub tenant: String,
    /// How many entries it has; each follows the one before.
    pub entries: u64,
    /// The hash of the last one, in hex.
    pub head: String,
    /// How many checkpoints agree, each consistent with the one before.
    pub checkpoints: u64,
    /// How many entries are proven to be included in what the last checkpoint signed.
    pub covered: u64,
}

type Tree = MemoryBackedTree<Sha256, Hash>;
type Root = RootHash<Sha256>;

/// A checkpoint whose signature holds.
struct Signed<'a> {
    checkpoint: &'a Checkpoint,
    root: Root,
}

/// Checks entries against one another and against checkpoints, of which those of other tenants are passed over. `keys` are
/// the public keys to trust, in hex; without any, each checkpoint's own key is taken, which proves less.
pub fn verify(entries: &[AuditEntry], checkpoints: &[Checkpoint], keys: &[String]) -> Result<Proven, Fault> {
    let first = entries.first().ok_or(Fault::Empty)?;
    let signed = signed(&first.tenant_id, checkpoints, keys)?;
    let mut awaited = signed.iter().peekable();
    let mut agreed: Option<&Signed<'_>> = None;
    let (mut tree, mut head) = (Tree::new(), link::START);
    for (expected, entry) in (1..).zip(entries) {
        head = check(entry, expected, &first.tenant_id, &head)?;
        tree.push(head);
        while let Some(here) = awaited.next_if(|signed| signed.checkpoint.size == expected) {
            compare(&tree, here, agreed)?;
            agreed = Some(here);
        }
    }
    if let Some(beyond) = awaited.next() {
        let (missing, size) = (tree.len() + 1, beyond.checkpoint.size);
        return Err(Fault::Cut { missing, size, at: moment(beyond.checkpoint) });
    }
    if let Some(last) = agreed {
        prove_inclusion(entries, last)?;
    }
    Ok(Proven {
        tenant: first.tenant_id.clone(),
        entries: tree.len(),
        head: hex::encode(head),
        checkpoints: u64::try_from(signed.len()).unwrap_or(u64::MAX),
        covered: agreed.map_or(0, |last| last.checkpoint.size),
    })
}

fn check(entry: &AuditEntry, expected: u64, tenant: &str, prev: &Hash) -> Result<Hash, Fault> {
    if entry.seq > expected {
        return Err(Fault::Missing(expected, entry.seq));
    }
    if entry.seq < expected {
        return Err(Fault::OutOfPlace(entry.seq, expected));
    }
    if entry.tenant_id != tenant {
        return Err(Fault::Foreign(expected));
    }
    let told_prev = from_hex(&entry.prev).ok_or(Fault::Changed(expected))?;
    let hash = link::hash(entry, &told_prev);
    if from_hex(&entry.hash) != Some(hash) {
        return Err(Fault::Changed(expected));
    }
    if told_prev != *prev {
        return Err(Fault::Unlinked(expected));
    }
    Ok(hash)
}

/// The tenant's checkpoints in their order, their signatures checked.
fn signed<'a>(
    tenant: &str,
    checkpoints: &'a [Checkpoint],
    keys: &[String],
) -> Result<Vec<Signed<'a>>, Fault> {
    let mut found: Vec<Signed<'a>> = Vec::new();
    for checkpoint in checkpoints.iter().filter(|one| one.tenant_id == tenant && one.size > 0) {
        let root = vouched(checkpoint, keys).ok_or(Fault::Unsigned(checkpoint.size))?;
        found.push(Signed { checkpoint, root: Root::new(root.into(), checkpoint.size) });
    }
    if found.is_empty() && !checkpoints.is_empty() {
        return Err(Fault::NoCheckpoint(tenant.to_owned()));
    }
    found.sort_by_key(|one| one.checkpoint.size);
    for pair in found.windows(2) {
        if let [one, next] = pair
            && one.checkpoint.size == next.checkpoint.size
            && one.root != next.root
        {
            return Err(Fault::Contradiction(one.checkpoint.size));
        }
    }
    found.dedup_by_key(|one| one.checkpoint.size);
    Ok(found)
}

/// The tree has just as many entries as the checkpoint vouches for.
fn compare(tree: &Tree, here: &Signed<'_>, before: Option<&Signed<'_>>) -> Result<(), Fault> {
    let size = here.checkpoint.size;
    let covered = before.map_or(0, |before| before.checkpoint.size);
    let rewritten = || Fault::Rewritten { first: covered + 1, size, at: moment(here.checkpoint) };
    if tree.root() != here.root {
        return Err(rewritten());
    }
    let Some(before) = before else { return Ok(()) };
    let proof = tree.prove_consistency(usize::try_from(size - covered).map_err(|_| rewritten())?);
    here.root.verify_consistency(&before.root, &proof).map_err(|_| rewritten())
}

fn prove_inclusion(entries: &[AuditEntry], last: &Signed<'_>) -> Result<(), Fault> {
    let size = usize::try_from(last.checkpoint.size).unwrap_or(usize::MAX);
    let leaves: Vec<Hash> = entries.iter().take(size).filter_map(|entry| from_hex(&entry.hash)).collect();
    let mut tree = Tree::new();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    for (index, leaf) in leaves.iter().enumerate() {
        let place = u64::try_from(index).unwrap_or(u64::MAX);
        let proof = tree.prove_inclusion(index);
        last.root.verify_inclusion(leaf, place, &proof).map_err(|_| Fault::Changed(place + 1))?;
    }
    Ok(())
}

fn moment(checkpoint: &Checkpoint) -> String {
    let at = checkpoint.at.as_ref().and_then(time);
    at.map_or_else(|| "an unknown time".to_owned(), |at| at.to_rfc3339())
}
