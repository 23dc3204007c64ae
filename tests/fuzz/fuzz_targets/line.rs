//! Any bytes as a webhook of line.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use weft_channel_line::Line;
use weft_channel_testkit::Intake;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../services/channel-line/tests/golden");

static INTAKE: LazyLock<Intake<Line>> = LazyLock::new(|| Intake::open(Line, CASES));

fuzz_target!(
    init: INTAKE.plant(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/line")),
    |data: &[u8]| INTAKE.feed(data)
);
