//! What only the process knows: which consumers it runs, on which bus, and how full its disk is.

use std::{path::PathBuf, time::Duration};

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};
use weft_bus::Stream;

use crate::roster::{Entry, Parts};

const LOOK_AT_DISK: Duration = Duration::from_secs(15);

/// Says what the bus's figures mean, begins each at zero, and looks at the disk from now on.
pub(crate) fn begin(parts: &Parts, entries: &[&'static Entry]) {
    describe();
    for stream in Stream::ALL {
        counter!("weft_bus_published_total", "stream" => stream.name()).increment(0);
        counter!("weft_bus_duplicates_total", "stream" => stream.name()).increment(0);
    }
    for consumer in entries.iter().flat_map(|entry| (entry.consumers)(&parts.settings)) {
        counter!("weft_bus_delivered_total", "consumer" => consumer.name.clone()).increment(0);
        counter!("weft_bus_retries_total", "consumer" => consumer.name.clone()).increment(0);
        counter!(
            "weft_bus_dead_letters_total",
            "consumer" => consumer.name, "reason" => "attempts_exhausted"
        )
        .increment(0);
    }
    let tasks = parts.lifecycle.work();
    let folder = parts.settings.data.folder.clone();
    tasks.every("look at the disk", LOOK_AT_DISK, tasks.stop_token(), move || look_at_disk(folder.clone()));
}

fn describe() {
    describe_counter!(
        "weft_bus_published_total",
        Unit::Count,
        "Events that the bus has on disk, each once, by stream."
    );
    describe_counter!(
        "weft_bus_duplicates_total",
        Unit::Count,
        "Events that the bus had already, by stream."
    );
    describe_histogram!(
        "weft_bus_publish_duration_seconds",
        Unit::Seconds,
        "How long the bus took until a batch of events was on disk, by stream."
    );
    describe_gauge!(
        "weft_bus_queue_fullness_ratio",
        Unit::Count,
        "How full the queue in front of the bus is, 0 to 1; a full one refuses."
    );
    describe_gauge!(
        "weft_bus_waiting_fullness_ratio",
        Unit::Count,
        "How much of what a consumer may hold at once it holds, 0 to 1: in its handler, waiting for another attempt, or behind one that waits."
    );
    describe_counter!(
        "weft_bus_delivered_total",
        Unit::Count,
        "Events handed to their handler, by consumer; each attempt counts."
    );
    describe_counter!(
        "weft_bus_retries_total",
        Unit::Count,
        "Events that a handler asked for again, by consumer."
    );
    describe_counter!(
        "weft_bus_dead_letters_total",
        Unit::Count,
        "Events that were given up and kept as dead letters, by consumer or source and by reason."
    );
    describe_gauge!(
        "weft_data_volume_fullness_ratio",
        Unit::Count,
        "How full the volume with the data folder is, 0 to 1: databases and bus when they are embedded, the spool, files."
    );
}

async fn look_at_disk(folder: PathBuf) -> Result<(), std::io::Error> {
    let looked = tokio::task::spawn_blocking(move || rustix::fs::statvfs(&folder)).await?;
    let volume = looked?;
    let usable = (volume.f_blocks - volume.f_bfree + volume.f_bavail).max(1);
    #[expect(clippy::cast_precision_loss, reason = "a gauge")]
    gauge!("weft_data_volume_fullness_ratio").set(1.0 - volume.f_bavail as f64 / usable as f64);
    Ok(())
}
