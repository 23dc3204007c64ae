//! Any bytes as a webhook of slack.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use weft_channel_slack::Slack;
use weft_channel_testkit::Intake;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../services/channel-slack/tests/golden");

static INTAKE: LazyLock<Intake<Slack>> = LazyLock::new(|| Intake::open(Slack, CASES));

fuzz_target!(
    init: INTAKE.plant(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/slack")),
    |data: &[u8]| INTAKE.feed(data)
);
