//! Any bytes as a webhook of sms-twilio.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use weft_channel_sms_twilio::SmsTwilio;
use weft_channel_testkit::Intake;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../services/channel-sms-twilio/tests/golden");

static INTAKE: LazyLock<Intake<SmsTwilio>> = LazyLock::new(|| Intake::open(SmsTwilio, CASES));

fuzz_target!(
    init: INTAKE.plant(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/sms-twilio")),
    |data: &[u8]| INTAKE.feed(data)
);
