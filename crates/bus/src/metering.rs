use std::time::Duration;

use metrics::{counter, gauge, histogram};

use crate::{Published, Stream};

pub(crate) fn published(stream: Stream, answers: &[Published]) {
    let duplicates = answers.iter().filter(|answer| answer.duplicate).count();
    counter!("weft_bus_published_total", "stream" => stream.name())
        .increment(count(answers.len() - duplicates));
    if duplicates > 0 {
        counter!("weft_bus_duplicates_total", "stream" => stream.name()).increment(count(duplicates));
    }
}

pub(crate) fn publish_took(stream: Stream, took: Duration) {
    histogram!("weft_bus_publish_duration_seconds", "stream" => stream.name()).record(took.as_secs_f64());
}

pub(crate) fn queue_fullness(queue: &'static str, fullness: f64) {
    gauge!("weft_bus_queue_fullness_ratio", "queue" => queue).set(fullness);
}

pub(crate) fn waiting(consumer: &str, fullness: f64) {
    gauge!("weft_bus_waiting_fullness_ratio", "consumer" => consumer.to_owned()).set(fullness);
}

pub(crate) fn delivered(consumer: &str, events: usize) {
    counter!("weft_bus_delivered_total", "consumer" => consumer.to_owned()).increment(count(events));
}

pub(crate) fn retried(consumer: &str) {
    counter!("weft_bus_retries_total", "consumer" => consumer.to_owned()).increment(1);
}

pub(crate) fn died(consumer: &str, reason: &str) {
    counter!("weft_bus_dead_letters_total", "consumer" => consumer.to_owned(), "reason" => reason.to_owned())
        .increment(1);
}

fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}
