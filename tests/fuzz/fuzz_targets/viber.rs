//! Any bytes as a webhook of viber.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use weft_channel_viber::Viber;
use weft_channel_testkit::Intake;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../services/channel-viber/tests/golden");

static INTAKE: LazyLock<Intake<Viber>> = LazyLock::new(|| Intake::open(Viber, CASES));

fuzz_target!(
    init: INTAKE.plant(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/viber")),
    |data: &[u8]| INTAKE.feed(data)
);
