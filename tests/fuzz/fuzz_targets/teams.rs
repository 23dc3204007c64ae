//! Any bytes as a webhook of teams.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use weft_channel_teams::Teams;
use weft_channel_testkit::Intake;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../services/channel-teams/tests/golden");

static INTAKE: LazyLock<Intake<Teams>> = LazyLock::new(|| Intake::open(Teams, CASES));

fuzz_target!(
    init: INTAKE.plant(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/teams")),
    |data: &[u8]| INTAKE.feed(data)
);
