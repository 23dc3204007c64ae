//! Any bytes as a webhook of telegram.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use weft_channel_telegram::Telegram;
use weft_channel_testkit::Intake;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../services/channel-telegram/tests/golden");

static INTAKE: LazyLock<Intake<Telegram>> = LazyLock::new(|| Intake::open(Telegram, CASES));

fuzz_target!(
    init: INTAKE.plant(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/telegram")),
    |data: &[u8]| INTAKE.feed(data)
);
