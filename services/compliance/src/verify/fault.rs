/// What is wrong with an export, and at which entry first.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is nothing to check.
    #[error("the export holds no entries")]
    Empty,
    /// The entry's content is not what was hashed.
    #[error("entry {0} was changed")]
    Changed(u64),
    /// The entry is gone: deleted, or out of place.
    #[error("entry {0} is missing; entry {1} stands in its place")]
    Missing(u64, u64),
    /// The entry was put in, is there twice, or is out of place.
    #[error("entry {0} stands where entry {1} should be")]
    OutOfPlace(u64, u64),
    /// The entry does not continue the chain.
    #[error("entry {0} does not follow the one before it")]
    Unlinked(u64),
    /// The entry is of another tenant.
    #[error("entry {0} is of another tenant than the first")]
    Foreign(u64),
    /// The end of the log is missing.
    #[error(
        "the log is cut: entry {missing} is missing, a checkpoint of {at} vouches for {size}; an export made before that is checked with `--made-at`"
    )]
    Cut {
        /// The first entry that is missing.
        missing: u64,
        /// How many there were.
        size: u64,
        /// When.
        at: String,
    },
    /// The entries are in order among themselves, and others than they were.
    #[error(
        "the log was rewritten: entry {first} or one up to {size} is not what the checkpoint of {at} vouches for"
    )]
    Rewritten {
        /// The first entry that may be another.
        first: u64,
        /// How many entries the checkpoint vouches for.
        size: u64,
        /// When.
        at: String,
    },
    /// A checkpoint that none of the keys signed.
    #[error("the checkpoint of {0} entries was not signed by a key that is trusted here")]
    Unsigned(u64),
    /// Two checkpoints contradict one another.
    #[error("two checkpoints of {0} entries contradict one another")]
    Contradiction(u64),
    /// There are checkpoints, and none is of this tenant.
    #[error("none of the checkpoints is of tenant {0}")]
    NoCheckpoint(String),
    /// A file cannot be read.
    #[error("{0}")]
    Unreadable(String),
}
