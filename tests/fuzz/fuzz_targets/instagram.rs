//! Any bytes as a webhook of instagram.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use weft_channel_instagram::Instagram;
use weft_channel_testkit::Intake;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../services/channel-instagram/tests/golden");

static INTAKE: LazyLock<Intake<Instagram>> = LazyLock::new(|| Intake::open(Instagram, CASES));

fuzz_target!(
    init: INTAKE.plant(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/instagram")),
    |data: &[u8]| INTAKE.feed(data)
);
