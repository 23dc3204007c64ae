//! The worker by itself, for tests; the binary `weft` is one, too.

use std::process::ExitCode;

fn main() -> ExitCode {
    weft_media::worker().unwrap_or(ExitCode::FAILURE)
}
