//! Any bytes as a webhook of voice-twilio.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use weft_channel_voice_twilio::VoiceTwilio;
use weft_channel_testkit::Intake;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../services/channel-voice-twilio/tests/golden");

static INTAKE: LazyLock<Intake<VoiceTwilio>> = LazyLock::new(|| Intake::open(VoiceTwilio, CASES));

fuzz_target!(
    init: INTAKE.plant(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/voice-twilio")),
    |data: &[u8]| INTAKE.feed(data)
);
