//! Any bytes as a webhook of whatsapp.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use weft_channel_whatsapp::Whatsapp;
use weft_channel_testkit::Intake;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../services/channel-whatsapp/tests/golden");

static INTAKE: LazyLock<Intake<Whatsapp>> = LazyLock::new(|| Intake::open(Whatsapp, CASES));

fuzz_target!(
    init: INTAKE.plant(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/whatsapp")),
    |data: &[u8]| INTAKE.feed(data)
);
