//! The place outside the database: a file per tenant that only grows.

use std::{
    io::SeekFrom,
    path::{Path, PathBuf},
};

use tokio::{
    fs::{File, OpenOptions},
    io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt},
};
use weft_domain::{Error, ErrorCode, Result, TenantId};
use weft_proto::{compliance::v1::Checkpoint, json};

/// More than a line can be: 64 peaks of 64 digits, and the rest.
const LONGEST_LINE: u64 = 16 << 10;

/// The folder with the checkpoints.
pub(crate) struct Outside {
    folder: PathBuf,
}

impl Outside {
    pub(crate) async fn open(folder: &Path) -> Result<Self> {
        tokio::fs::create_dir_all(folder).await.map_err(|error| failed(folder, &error))?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// The last checkpoint that was written whole.
    pub(crate) async fn last(&self, tenant: TenantId) -> Result<Option<Checkpoint>> {
        let path = self.file_of(tenant);
        let mut file = match File::open(&path).await {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(|error| failed(&path, &error))?,
        };
        let tail = read_tail(&mut file).await.map_err(|error| failed(&path, &error))?;
        let mut lines = tail.split_inclusive(|byte| *byte == b'\n').rev();
        Ok(lines.find_map(|line| json::decode(line.strip_suffix(b"\n")?).ok()))
    }

    /// Adds a checkpoint; it is on disk when this returns.
    pub(crate) async fn append(&self, tenant: TenantId, checkpoint: &Checkpoint) -> Result<()> {
        let path = self.file_of(tenant);
        let mut line = json::encode(checkpoint)?.to_vec();
        line.push(b'\n');
        add_line(&path, &line).await.map_err(|error| failed(&path, &error))
    }

    fn file_of(&self, tenant: TenantId) -> PathBuf {
        self.folder.join(format!("{tenant}.jsonl"))
    }
}

async fn read_tail(file: &mut File) -> std::io::Result<Vec<u8>> {
    let length = file.metadata().await?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LONGEST_LINE))).await?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail).await?;
    Ok(tail)
}

async fn add_line(path: &Path, line: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).read(true).open(path).await?;
    let is_new = file.metadata().await?.len() == 0;
    // A power cut may have left half a line.
    if read_tail(&mut file).await?.last().is_some_and(|last| *last != b'\n') {
        file.write_all(b"\n").await?;
    }
    file.write_all(line).await?;
    file.sync_all().await?;
    if is_new && let Some(folder) = path.parent() {
        File::open(folder).await?.sync_all().await?;
    }
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    let words = format!("cannot keep checkpoints in {}: {error}", path.display());
    Error::new(ErrorCode::Unavailable, "checkpoint_folder", words)
}
