//! Smaller pictures, made by processes that may do little: few at once, bounded in memory, time and output, without a network.

use std::{ffi::OsStr, io, path::PathBuf, process::Stdio, time::Duration};

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _};
use tempfile::TempDir;
use tokio::{
    fs::File,
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::Command,
    sync::Semaphore,
};
use tokio_util::io::ReaderStream;
use weft_domain::{Error, Result};

use crate::{
    blobs::{ByteStream, PART_BYTES},
    config,
    picture::Made,
    worker::{LIMIT, NO_PROGRAM, PICTURE, Worker},
};

/// Where programs are looked for.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// Far more than both pictures take.
const MOST_OUTPUT: u64 = 32 * 1024 * 1024;
const SOURCE: &str = "source";
const PAGE: &str = "page.png";

/// What a picture is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A raster image.
    Image,
    /// The first page.
    Pdf,
    /// The first frame.
    Film,
}

impl Source {
    /// What is made of files of this type. SVG is never drawn (FL-3).
    pub(crate) fn of(mime: &str) -> Option<Self> {
        match mime {
            "image/png" | "image/jpeg" | "image/gif" | "image/webp" => Some(Self::Image),
            "application/pdf" => Some(Self::Pdf),
            film if film.starts_with("video/") => Some(Self::Film),
            _ => None,
        }
    }
}

/// Makes smaller pictures.
pub(crate) struct Previews {
    worker: Worker,
    scratch: PathBuf,
    limits: config::Previews,
    turns: Semaphore,
}

impl Previews {
    pub(crate) fn new(worker: Worker, limits: config::Previews) -> Self {
        Self { worker, scratch: std::env::temp_dir(), limits, turns: Semaphore::new(limits.at_once) }
    }

    /// The largest file that is looked at.
    pub(crate) fn max_source_bytes(&self) -> u64 {
        self.limits.max_source_bytes
    }

    /// Makes pictures of a file; none when it shows nothing that could be made out within the limits.
    pub(crate) async fn make(&self, source: Source, bytes: ByteStream) -> Result<Option<Made>> {
        let _turn = self.turns.acquire().await.map_err(Error::internal)?;
        match source {
            Source::Image => self.shrink(bytes).await,
            Source::Pdf | Source::Film => {
                let folder = tempfile::tempdir_in(&self.scratch).map_err(Error::internal)?;
                self.draw(source, &folder, bytes).await
            }
        }
    }

    /// Has another program draw a page or a frame, which is then made smaller.
    async fn draw(&self, source: Source, folder: &TempDir, mut bytes: ByteStream) -> Result<Option<Made>> {
        let mut file = File::create(folder.path().join(SOURCE)).await.map_err(Error::internal)?;
        while let Some(part) = bytes.try_next().await.map_err(Error::internal)? {
            file.write_all(&part).await.map_err(Error::internal)?;
        }
        file.flush().await.map_err(Error::internal)?;
        let arguments = drawing(source);
        let drawn = self.run(&arguments, Some(folder), stream_of_nothing()).await?;
        if drawn.is_none() {
            return Ok(None);
        }
        match File::open(folder.path().join(PAGE)).await {
            Ok(page) => self.shrink(ReaderStream::with_capacity(page, PART_BYTES).boxed()).await,
            Err(_) => Ok(None),
        }
    }

    async fn shrink(&self, bytes: ByteStream) -> Result<Option<Made>> {
        let (pixels, most) = (self.limits.max_pixels.to_string(), self.limits.max_source_bytes.to_string());
        let program = self.worker.program.to_string_lossy().into_owned();
        let mut command = vec![program];
        command.extend(self.worker.arguments.iter().cloned());
        command.extend([PICTURE.to_owned(), pixels, most]);
        let said = self.run(&command, None, bytes).await?;
        Ok(said.and_then(Made::read))
    }

    /// Runs a program within the limits and gives what it says; none when it could not do what it was asked for.
    async fn run(
        &self,
        program: &[impl AsRef<OsStr>],
        folder: Option<&TempDir>,
        input: ByteStream,
    ) -> Result<Option<Bytes>> {
        let mut command = Command::new(&self.worker.program);
        command
            .args(&self.worker.arguments)
            .args([LIMIT, &self.limits.memory_mib.to_string(), &self.limits.seconds.to_string()])
            .args(program)
            .env_clear()
            .env("PATH", PATH)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // it may quote what is inside a file
            .stderr(Stdio::null())
            .kill_on_drop(true);
        if let Some(folder) = folder {
            command.current_dir(folder.path());
        }
        // processor time has a limit, and so has waiting
        let patience = Duration::from_secs(2 * self.limits.seconds + 10);
        match tokio::time::timeout(patience, converse(command, input)).await {
            Ok(said) => said,
            Err(_) => Ok(None),
        }
    }
}

async fn converse(mut command: Command, mut input: ByteStream) -> Result<Option<Bytes>> {
    let mut child = command.spawn().map_err(Error::internal)?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let write = async {
        let Some(mut stdin) = stdin else { return Ok(()) };
        while let Some(part) = input.try_next().await? {
            // one that needs no more closes its side
            if stdin.write_all(&part).await.is_err() {
                break;
            }
        }
        Ok::<_, io::Error>(())
    };
    let mut said = Vec::new();
    let read = async {
        match stdout {
            Some(stdout) => stdout.take(MOST_OUTPUT).read_to_end(&mut said).await.map(drop),
            None => Ok(()),
        }
    };
    let (written, read) = tokio::join!(write, read);
    written.map_err(Error::internal)?;
    read.map_err(Error::internal)?;
    let status = child.wait().await.map_err(Error::internal)?;
    if status.code() == Some(NO_PROGRAM) {
        tracing::debug!("the program that draws a file's first page or frame is not installed");
    }
    Ok(status.success().then(|| said.into()))
}

/// Programs get the file under a name of ours, and may open nothing that it names.
fn drawing(source: Source) -> Vec<&'static str> {
    match source {
        Source::Film => vec![
            "ffmpeg",
            "-nostdin",
            "-v",
            "error",
            "-threads",
            "1",
            "-protocol_whitelist",
            "file",
            "-i",
            SOURCE,
            "-an",
            "-sn",
            "-dn",
            "-frames:v",
            "1",
            "-f",
            "image2",
            "-c:v",
            "png",
            "-y",
            PAGE,
        ],
        Source::Pdf | Source::Image => {
            vec!["pdftoppm", "-f", "1", "-l", "1", "-singlefile", "-scale-to", "1600", "-png", SOURCE, "page"]
        }
    }
}

fn stream_of_nothing() -> ByteStream {
    futures::stream::empty().boxed()
}
