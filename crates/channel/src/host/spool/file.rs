use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use uuid::Uuid;

const HEAD: u64 = 8;
const EXTENSION: &str = "spool";

/// One append-only file: records of length (u32), CRC-32 and bytes, little-endian. Locked while it is open.
pub(crate) struct SpoolFile {
    path: PathBuf,
    /// Something follows the last whole record.
    torn: bool,
    inner: Mutex<Inner>,
}

struct Inner {
    file: File,
    /// The end of the last whole record.
    end: u64,
    records: usize,
}

/// A place between two records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position(u64);

impl SpoolFile {
    /// Begins a new file.
    pub(crate) fn create(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        // ids are ordered by time, and so are the names
        let path = folder.join(format!("{}.{EXTENSION}", Uuid::now_v7()));
        let file = OpenOptions::new().read(true).append(true).create_new(true).open(&path)?;
        file.try_lock().map_err(io::Error::from)?;
        // without this a power cut may forget the name
        File::open(folder)?.sync_all()?;
        Ok(Self { path, torn: false, inner: Mutex::new(Inner { file, end: 0, records: 0 }) })
    }

    /// Opens what nobody holds, oldest first. What follows the last whole record of a file was never answered for.
    pub(crate) fn find_all(folder: &Path) -> io::Result<Vec<Self>> {
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == EXTENSION));
        paths.sort();
        let mut found = Vec::new();
        for path in paths {
            found.extend(Self::open(path)?);
        }
        Ok(found)
    }

    fn open(path: PathBuf) -> io::Result<Option<Self>> {
        let file = OpenOptions::new().read(true).append(true).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let mut inner = Inner { file, end: 0, records: 0 };
        while let Some((_, next)) = inner.read(inner.end)? {
            inner.end = next;
            inner.records += 1;
        }
        let lost = inner.file.metadata()?.len() - inner.end;
        if lost > 0 {
            tracing::warn!(file = %path.display(), bytes = lost, "the end of a spool file is not whole");
        }
        Ok(Some(Self { path, torn: lost > 0, inner: Mutex::new(inner) }))
    }

    pub(crate) fn append(&self, record: &[u8]) -> io::Result<()> {
        let mut inner = self.lock();
        let written = inner.append(record);
        if written.is_err() {
            // half a record would hide those behind it
            let end = inner.end;
            inner.file.set_len(end)?;
        }
        written
    }

    /// The record at a position, and the position behind it.
    pub(crate) fn read(&self, from: Position) -> io::Result<Option<(Vec<u8>, Position)>> {
        let mut inner = self.lock();
        if from.0 >= inner.end {
            return Ok(None);
        }
        Ok(inner.read(from.0)?.map(|(record, next)| (record, Position(next))))
    }

    /// Removes a drained file. A torn one is put aside: a crash leaves half a record, which nobody was answered for, but
    /// a bad disk leaves more.
    pub(crate) fn remove(&self) -> io::Result<()> {
        if self.torn {
            fs::rename(&self.path, self.path.with_extension("torn"))
        } else {
            fs::remove_file(&self.path)
        }
    }

    pub(crate) fn len(&self) -> u64 {
        self.lock().end
    }

    pub(crate) fn records(&self) -> usize {
        self.lock().records
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn append(&mut self, record: &[u8]) -> io::Result<()> {
        let length = u32::try_from(record.len()).map_err(io::Error::other)?;
        let mut framed = Vec::with_capacity(record.len() + 8);
        framed.extend_from_slice(&length.to_le_bytes());
        framed.extend_from_slice(&crc32fast::hash(record).to_le_bytes());
        framed.extend_from_slice(record);
        self.file.write_all(&framed)?;
        self.file.sync_data()?;
        self.end += HEAD + u64::from(length);
        self.records += 1;
        Ok(())
    }

    /// None when no whole record begins there.
    fn read(&mut self, from: u64) -> io::Result<Option<(Vec<u8>, u64)>> {
        let whole = self.file.metadata()?.len();
        if from + HEAD > whole {
            return Ok(None);
        }
        self.file.seek(SeekFrom::Start(from))?;
        let (mut length, mut crc) = ([0; 4], [0; 4]);
        self.file.read_exact(&mut length)?;
        self.file.read_exact(&mut crc)?;
        let length = u32::from_le_bytes(length);
        let next = from + HEAD + u64::from(length);
        if next > whole {
            return Ok(None);
        }
        let mut record = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        self.file.read_exact(&mut record)?;
        let intact = crc32fast::hash(&record) == u32::from_le_bytes(crc);
        Ok(intact.then_some((record, next)))
    }
}
