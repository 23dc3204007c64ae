use sha2::{Digest, Sha256};
use weft_domain::{Error, Result};

use super::{Hash, from_hex};

/// A Merkle tree (RFC 6962) that grows without keeping its leaves: the roots of the perfect trees it is made of, the
/// largest first. A tree of a billion entries is thirty hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Peaks {
    size: u64,
    roots: Vec<Hash>,
}

impl Peaks {
    /// Takes up a tree where a checkpoint left it.
    pub(crate) fn resume(size: u64, roots: &[String]) -> Result<Self> {
        let read: Option<Vec<Hash>> = roots.iter().map(|text| from_hex(text)).collect();
        let roots = read.ok_or_else(|| Error::internal("a checkpoint whose peaks are not hashes"))?;
        if u32::try_from(roots.len()).ok() != Some(size.count_ones()) {
            return Err(Error::internal("a checkpoint whose peaks do not make its size"));
        }
        Ok(Self { size, roots })
    }

    pub(crate) fn push(&mut self, leaf: &[u8]) {
        let mut node: Hash = Sha256::new().chain_update([0]).chain_update(leaf).finalize().into();
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.roots.pop() else { break };
            node = join(&left, &node);
        }
        self.roots.push(node);
        self.size += 1;
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn root(&self) -> Hash {
        let mut smallest_first = self.roots.iter().rev();
        let Some(last) = smallest_first.next() else { return Sha256::digest([]).into() };
        smallest_first.fold(*last, |right, left| join(left, &right))
    }

    pub(crate) fn in_hex(&self) -> Vec<String> {
        self.roots.iter().map(hex::encode).collect()
    }
}

fn join(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;

    use super::*;

    #[test]
    fn the_root_is_that_of_rfc_6962_at_every_size_and_after_every_pause() {
        let mut reference = MemoryBackedTree::<Sha256, [u8; 8]>::new();
        let mut peaks = Peaks::default();
        assert_eq!(peaks.root()[..], Sha256::digest([])[..]);
        for number in 0_u64..300 {
            reference.push(number.to_be_bytes());
            peaks.push(&number.to_be_bytes());
            assert_eq!(peaks.root()[..], reference.root().as_bytes()[..], "of {number}");
            peaks = Peaks::resume(peaks.size(), &peaks.in_hex()).unwrap();
        }
        assert!(Peaks::resume(3, &peaks.in_hex()).is_err());
        // The first leaves of the RFC's own test tree: the empty leaf, then the leaf 0x00.
        let mut known = Peaks::default();
        known.push(b"");
        assert_eq!(
            hex::encode(known.root()),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        known.push(b"\0");
        assert_eq!(
            hex::encode(known.root()),
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
        );
    }
}
