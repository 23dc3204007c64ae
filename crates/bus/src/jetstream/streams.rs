//! The streams as they have to be.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};

use crate::{Limit, Settings, Stream};

/// The stream of the dead letters.
pub(crate) const DEAD: &str = "DEAD";
/// What every dead letter's subject begins with.
pub(crate) const DEAD_PREFIX: &str = "weft.dead.";
const WINDOW: Duration = Duration::from_secs(120);

pub(crate) fn all(settings: &Settings) -> impl Iterator<Item = Config> {
    let limits = &settings.limits;
    Stream::ALL
        .map(|stream| {
            let retention =
                if stream.is_queue() { RetentionPolicy::WorkQueue } else { RetentionPolicy::Limits };
            config(stream.name(), stream.prefix(), retention, limits.of(stream), settings.replicas)
        })
        .into_iter()
        .chain([config(DEAD, DEAD_PREFIX, RetentionPolicy::Limits, limits.dead, settings.replicas)])
}

fn config(name: &str, prefix: &str, retention: RetentionPolicy, limit: Limit, replicas: usize) -> Config {
    let max_age = Duration::from_secs(limit.max_age_secs);
    Config {
        name: name.to_owned(),
        subjects: vec![format!("{prefix}>")],
        retention,
        storage: StorageType::File,
        discard: DiscardPolicy::New,
        max_bytes: i64::try_from(limit.max_bytes).unwrap_or(i64::MAX),
        max_age,
        // The server refuses a window that is longer than what it keeps.
        duplicate_window: if max_age.is_zero() { WINDOW } else { WINDOW.min(max_age) },
        allow_atomic_publish: true,
        allow_direct: true,
        num_replicas: replicas,
        ..Config::default()
    }
}

/// What is wrong with a stream, in plain words.
pub(crate) fn fault(wanted: &Config, found: &Config) -> Option<&'static str> {
    let faults = [
        (found.storage != StorageType::File, "is not kept on disk"),
        (found.discard != DiscardPolicy::New, "throws old messages away when it is full"),
        (found.retention != wanted.retention, "has another retention"),
        (!found.allow_atomic_publish, "does not allow atomic batches"),
        (!found.allow_direct, "does not allow direct reads"),
        (found.subjects != wanted.subjects, "has other subjects"),
        (found.no_ack, "does not acknowledge"),
        (found.duplicate_window < wanted.duplicate_window, "forgets ids too early"),
        (found.num_replicas < wanted.num_replicas, "has too few replicas"),
    ];
    faults.into_iter().find_map(|(wrong, words)| wrong.then_some(words))
}
