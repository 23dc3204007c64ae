//! Programs of this machine: few at once, bounded in memory, time and output, without our environment and without a shell.

use std::{ffi::OsStr, path::PathBuf, process::Stdio, sync::Arc, time::Duration};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::Command,
    sync::{Semaphore, SemaphorePermit},
};
use weft_domain::{Error, ErrorCode, Result};

/// Where programs are looked for.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// What `prlimit` ends with when there is no such program.
const NO_PROGRAM: i32 = 127;
const MIB: u64 = 1024 * 1024;
/// The largest file a program may write.
const LARGEST_FILE: u64 = 64 * MIB;

/// Runs programs.
#[derive(Clone)]
pub(crate) struct Programs {
    turns: Arc<Semaphore>,
    scratch: PathBuf,
    memory: u64,
    processor_time: Duration,
}

/// The right to run programs, and a folder for what they need: who waits for it has nothing on the disk yet.
pub(crate) struct Turn<'a> {
    programs: &'a Programs,
    // goes before another may take the turn
    folder: TempDir,
    _permit: SemaphorePermit<'a>,
}

/// Why a program gave nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// It is not installed.
    #[error("the program is not installed")]
    Missing,
    /// It gave more than it may.
    #[error("the program gave too much")]
    TooMuch,
    /// It could not do what it was asked for.
    #[error("the program failed")]
    Failed,
    /// It could not be run.
    #[error("the program could not be run")]
    NotRun(#[from] std::io::Error),
}

impl Programs {
    /// Lets so many run at once, each with so much memory and processor time.
    pub(crate) fn new(at_once: usize, memory_mib: u64, processor_time: Duration) -> Self {
        let turns = Arc::new(Semaphore::new(at_once));
        Self { turns, scratch: std::env::temp_dir(), memory: memory_mib * MIB, processor_time }
    }

    /// Waits for a turn.
    pub(crate) async fn turn(&self) -> Result<Turn<'_>> {
        let permit = self.turns.acquire().await.map_err(Error::internal)?;
        let folder = tempfile::tempdir_in(&self.scratch).map_err(Error::internal)?;
        Ok(Turn { programs: self, folder, _permit: permit })
    }
}

impl Turn<'_> {
    /// Puts a file where programs find it.
    pub(crate) async fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> Result<()> {
        tokio::fs::write(self.folder.path().join(name), bytes).await.map_err(Error::internal)
    }

    /// Runs a program in the folder to its end and gives what it says, at most `most` bytes. Dropped, it is killed.
    pub(crate) async fn run<A: AsRef<OsStr>>(
        &self,
        program: &'static str,
        arguments: impl IntoIterator<Item = A>,
        input: &[u8],
        most: usize,
    ) -> std::result::Result<Vec<u8>, Failure> {
        let mut child = Command::new("prlimit")
            .arg(format!("--as={}", self.programs.memory))
            .arg(format!("--cpu={}", self.programs.processor_time.as_secs()))
            .arg(format!("--fsize={LARGEST_FILE}"))
            .args(["--core=0", "--nofile=64", "--", program])
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", PATH)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // it may quote what is inside a recording
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| {
                if error.kind() == std::io::ErrorKind::NotFound { Failure::Missing } else { error.into() }
            })?;
        let (mut stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let write = async {
            if let Some(mut stdin) = stdin.take() {
                // one that needs no more closes its side
                drop(stdin.write_all(input).await);
            }
        };
        let mut output = Vec::new();
        let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
        let read = async {
            match stdout {
                Some(stdout) => stdout.take(limit).read_to_end(&mut output).await.map(drop),
                None => Ok(()),
            }
        };
        let ((), read) = tokio::join!(write, read);
        read?;
        if output.len() > most {
            return Err(Failure::TooMuch);
        }
        let status = child.wait().await?;
        match status.code() {
            Some(0) => Ok(output),
            Some(NO_PROGRAM) => Err(Failure::Missing),
            _ => Err(Failure::Failed),
        }
    }
}

impl Failure {
    /// What is ours to mend; nothing when it is about what the program was given.
    pub(crate) fn fault(self, program: &'static str) -> Option<Error> {
        let error = match self {
            Self::Missing => Error::new(
                ErrorCode::Unavailable,
                "program_missing",
                format!(
                    "`{program}` is not installed where speech is handled; ask whoever runs this installation"
                ),
            ),
            Self::NotRun(error) => Error::internal(error),
            Self::TooMuch | Self::Failed => return None,
        };
        Some(error)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures::FutureExt as _;

    use super::*;
    use crate::audio::{Recording, decode};

    #[tokio::test]
    async fn who_waits_for_a_turn_has_nothing_on_the_disk_yet() {
        let folder = weft_testkit::temp_dir();
        let turns = Programs::new(1, 1024, Duration::from_secs(10));
        let programs = Programs { scratch: folder.path().to_owned(), ..turns };
        let files = || std::fs::read_dir(folder.path()).unwrap().count();
        let turn = programs.turn().await.unwrap();
        let recording = Recording { mime: "audio/ogg".to_owned(), bytes: Bytes::from_static(b"no sound") };
        let mut waiting = Box::pin(decode::run(&programs, &recording, 1));
        assert!(waiting.as_mut().now_or_never().is_none());
        assert_eq!(files(), 1);
        drop(turn);
        assert!(waiting.await.is_err());
        assert_eq!(files(), 0);
    }
}
