//! Any bytes as a webhook of ringcentral.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use weft_channel_ringcentral::Ringcentral;
use weft_channel_testkit::Intake;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../services/channel-ringcentral/tests/golden");

static INTAKE: LazyLock<Intake<Ringcentral>> = LazyLock::new(|| Intake::open(Ringcentral, CASES));

fuzz_target!(
    init: INTAKE.plant(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/ringcentral")),
    |data: &[u8]| INTAKE.feed(data)
);
