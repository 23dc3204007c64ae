use metrics::{Unit, counter, describe_counter};
use weft_domain::Result;

use crate::config::Engine;

/// Says what each figure means.
pub(crate) fn describe() {
    describe_counter!(
        "weft_voice_heard_total",
        Unit::Count,
        "Recordings that were to be written down, by who did it and how it ended: `ok`, or the error's reason."
    );
    describe_counter!(
        "weft_voice_spoken_total",
        Unit::Count,
        "Texts that were to be spoken, by who did it and how it ended: `ok`, or the error's reason."
    );
}

pub(crate) fn heard<T>(engine: Engine, result: &Result<T>) {
    counter!("weft_voice_heard_total", "engine" => engine.name(), "result" => name(result)).increment(1);
}

pub(crate) fn spoken<T>(engine: Engine, result: &Result<T>) {
    counter!("weft_voice_spoken_total", "engine" => engine.name(), "result" => name(result)).increment(1);
}

fn name<T>(result: &Result<T>) -> String {
    result.as_ref().err().map_or("ok", |error| error.reason()).to_owned()
}
