//! The process in which decoders run: little memory, little time, no network.

use std::{
    ffi::OsString,
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Command, ExitCode},
};

mod fence;
mod shrink;

/// The first argument of a program that is to be a worker.
const WORKER: &str = "media-worker";
/// Sets limits and becomes another program: `<MiB> <seconds> <program> <argument>…`.
pub(crate) const LIMIT: &str = "limit";
/// Makes smaller pictures of the one it reads: `<most pixels> <most bytes>`.
pub(crate) const PICTURE: &str = "picture";
/// What a worker ends with when there is no such program.
pub(crate) const NO_PROGRAM: i32 = 127;
const FAILED: u8 = 1;

/// How this program is started as a worker.
#[derive(Clone, Debug)]
pub struct Worker {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
}

impl Worker {
    /// A program that asks [`worker`] first of all.
    pub fn new(program: PathBuf) -> Self {
        Self { program, arguments: vec![WORKER.to_owned()] }
    }
}

/// Does a worker's work when this process was started as one, and says how it ended. To be asked before anything else is
/// done: limits hold for a process that has nothing yet.
pub fn worker() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != WORKER {
        return None;
    }
    let verb = arguments.next().unwrap_or_default();
    let rest: Vec<_> = arguments.collect();
    let done = match verb.to_str() {
        Some(LIMIT) => return Some(limit(&rest)),
        Some(PICTURE) => picture(&rest),
        _ => None,
    };
    Some(if done.is_some() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

fn limit(arguments: &[OsString]) -> ExitCode {
    let [memory, seconds, program, rest @ ..] = arguments else { return ExitCode::from(FAILED) };
    let (Some(memory), Some(seconds)) = (number(memory), number(seconds)) else {
        return ExitCode::from(FAILED);
    };
    if fence::limit(memory, seconds).is_err() || fence::cut_off().is_err() {
        return ExitCode::from(FAILED);
    }
    // comes back only when it could not become the program
    let error = Command::new(program).args(rest).exec();
    let is_missing = error.kind() == std::io::ErrorKind::NotFound;
    ExitCode::from(if is_missing { u8::try_from(NO_PROGRAM).unwrap_or(FAILED) } else { FAILED })
}

fn picture(arguments: &[OsString]) -> Option<()> {
    let [pixels, bytes] = arguments else { return None };
    fence::close().ok()?;
    shrink::run(number(pixels)?, number(bytes)?)
}

fn number(text: &OsString) -> Option<u64> {
    text.to_str()?.parse().ok()
}
