use std::time::Duration;

use serde::{Deserialize, Serialize};
use weft_domain::{Error, Result, partition};

use crate::{Stream, subject};

/// A durable consumer: who reads what, and how patiently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsumerSpec {
    /// Its name, unique in the installation, like `conversation-inbound`.
    pub name: String,
    /// The stream it reads.
    pub stream: Stream,
    /// The subjects it reads; on `IN` and `OUT` no two consumers may share one.
    pub filters: Vec<String>,
    /// The most events handed to the handler at once.
    pub batch: usize,
    /// How long an event may be silent before it is given to somebody else.
    pub ack_wait: Duration,
    /// How often an event is tried before it becomes a dead letter.
    pub max_attempts: u32,
    /// Into how many parts the work is split, so that several replicas share it; 1 is not split. The first `*` of each
    /// filter then stands for the partition. The embedded bus has one process and does not split.
    #[serde(default = "one")]
    pub shards: u16,
}

fn one() -> u16 {
    1
}

impl ConsumerSpec {
    /// A consumer with the usual patience: batches of 64, 30 s, 10 attempts.
    pub fn new(name: &str, stream: Stream, filters: &[&str]) -> Self {
        Self {
            name: name.to_owned(),
            stream,
            filters: filters.iter().map(|&filter| filter.to_owned()).collect(),
            batch: 64,
            ack_wait: Duration::from_secs(30),
            max_attempts: 10,
            shards: 1,
        }
    }

    /// The parts as the broker knows them: consumers of their own, each of some partitions.
    pub fn split(&self) -> Vec<Self> {
        if self.shards == 1 {
            return vec![self.clone()];
        }
        let part = |shard: u16| {
            let partitions = (shard..partition::COUNT).step_by(usize::from(self.shards));
            let filters = partitions.flat_map(|partition| {
                self.filters.iter().map(move |filter| filter.replacen('*', &partition.to_string(), 1))
            });
            Self {
                name: format!("{}-{shard}", self.name),
                filters: filters.collect(),
                shards: 1,
                ..self.clone()
            }
        };
        (0..self.shards).map(part).collect()
    }

    /// Whether `name` is this consumer, or a part of it under any number of shards.
    pub(crate) fn is_family(&self, name: &str) -> bool {
        let Some(rest) = name.strip_prefix(&self.name) else { return false };
        rest.strip_prefix('-').map_or(rest.is_empty(), |number| number.parse::<u16>().is_ok())
    }

    /// How many events may be out at once: in the handler, waiting for a retry, or behind one that waits.
    pub(crate) fn capacity(&self) -> usize {
        self.batch.saturating_mul(8).max(64)
    }

    pub(crate) fn check(&self) -> Result<()> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if self.name.is_empty() || self.name.len() > 64 || !self.name.chars().all(plain) {
            return Err(wrong("name", "a consumer's name is 1 to 64 letters, digits, `-` and `_`"));
        }
        if self.filters.is_empty()
            || self.filters.iter().any(|filter| !filter.starts_with(self.stream.prefix()))
        {
            return Err(wrong("filters", "a consumer names at least one subject, all of its stream"));
        }
        let splits = self.shards == 1 || self.filters.iter().all(|filter| filter.contains('*'));
        if self.shards == 0 || self.shards > partition::COUNT || !splits {
            return Err(wrong(
                "shards",
                "there are at most as many shards as partitions, and each filter has a `*`",
            ));
        }
        if self.batch == 0 || self.max_attempts == 0 || self.ack_wait.is_zero() {
            return Err(wrong("batch", "batch, attempts and patience are at least one"));
        }
        self.filters.iter().try_for_each(|filter| subject::check_pattern(filter))
    }

    /// Whether both would be given the same event of a queue.
    pub(crate) fn competes_with(&self, other: &Self) -> bool {
        self.stream == other.stream
            && self.stream.is_queue()
            && self.name != other.name
            && self
                .filters
                .iter()
                .any(|mine| other.filters.iter().any(|theirs| subject::overlap(mine, theirs)))
    }
}

/// Refuses consumers that cannot be, each alone and all together.
pub(crate) fn check_all(specs: &[ConsumerSpec]) -> Result<()> {
    for (index, spec) in specs.iter().enumerate() {
        spec.check()?;
        if let Some(other) = specs.iter().take(index).find(|other| spec.competes_with(other)) {
            return Err(competing(&spec.name, &other.name));
        }
    }
    Ok(())
}

pub(crate) fn competing(one: &str, other: &str) -> Error {
    Error::conflict(
        "consumers_compete",
        format!(
            "consumers `{one}` and `{other}` read the same subjects of a queue, where an event has one reader"
        ),
    )
}

fn wrong(field: &str, message: &str) -> Error {
    Error::invalid("invalid_consumer", message).with_field(field)
}
