//! Work is split by key into a fixed number of virtual partitions; replicas move partitions, the hash never changes.

/// How many virtual partitions there are. Fixed for the life of an installation.
pub const COUNT: u16 = 64;

/// The partition of an ordering key: FNV-1a, 64 bit, folded. Part of the wire contract, so pinned by a test.
pub fn of(key: &str) -> u16 {
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let folded = (hash >> 32) ^ hash;
    u16::try_from(folded % u64::from(COUNT)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_never_changes() {
        assert_eq!([of(""), of("a"), of("chan_1:1000000001"), of("chan_1:-100")], [1, 0, 32, 2]);
        let used: std::collections::HashSet<u16> = (0..1000).map(|n| of(&n.to_string())).collect();
        assert_eq!(used.len(), usize::from(COUNT));
    }
}
