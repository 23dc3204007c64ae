//! Any bytes as a webhook of messenger.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use weft_channel_messenger::Messenger;
use weft_channel_testkit::Intake;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../services/channel-messenger/tests/golden");

static INTAKE: LazyLock<Intake<Messenger>> = LazyLock::new(|| Intake::open(Messenger, CASES));

fuzz_target!(
    init: INTAKE.plant(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/messenger")),
    |data: &[u8]| INTAKE.feed(data)
);
