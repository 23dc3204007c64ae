mod file;
mod record;

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Mutex, Notify};
use weft_domain::{Error, Result};

use self::file::{Position, SpoolFile};
pub(crate) use self::record::Batch;
use super::{core::Core, metering};
use crate::Adapter;

/// How long to wait before the bus is tried again.
const AGAIN: Duration = Duration::from_millis(500);

/// A file is gone only when all of it is drained, so none grows without end.
const ROTATE: u64 = 16 * 1024 * 1024;

/// Calls that the bus could not take, on disk and in order, until it can.
///
/// Records are appended to one file per process and synced before anybody is answered. The files that an earlier process
/// left behind are adopted at start; one that another process holds is left alone.
pub(crate) struct Spool {
    kind: &'static str,
    folder: PathBuf,
    max_bytes: u64,
    waiting: AtomicUsize,
    filled: Notify,
    files: Mutex<VecDeque<Queued>>,
}

/// A file, and how far it has been drained.
struct Queued {
    file: Arc<SpoolFile>,
    drained: Position,
    /// Whether this process appends to it.
    ours: bool,
}

impl Spool {
    pub(crate) fn new(kind: &'static str, folder: PathBuf, max_bytes: u64) -> Self {
        Self {
            kind,
            folder,
            max_bytes,
            waiting: AtomicUsize::new(0),
            filled: Notify::new(),
            files: Mutex::default(),
        }
    }

    /// Takes over what earlier processes left, oldest first.
    pub(crate) async fn adopt(&self) -> Result<()> {
        let folder = self.folder.clone();
        let found = blocking(move || SpoolFile::find_all(&folder)).await?;
        let mut files = self.files.lock().await;
        for file in found {
            self.waiting.fetch_add(file.records(), Ordering::SeqCst);
            files.push_back(Queued { file: Arc::new(file), drained: Position::default(), ours: false });
        }
        self.tell(&files);
        Ok(())
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) == 0
    }

    /// Writes a batch behind the others; it is on disk when this answers.
    pub(crate) async fn append(&self, batch: &Batch) -> Result<()> {
        let record = batch.encode()?;
        let mut files = self.files.lock().await;
        let kept: u64 = files.iter().map(|queued| queued.file.len()).sum();
        let size = u64::try_from(record.len()).unwrap_or(u64::MAX);
        if kept.saturating_add(size) > self.max_bytes {
            return Err(Error::unavailable("spool_full"));
        }
        let file = match files.back().filter(|queued| queued.ours && queued.file.len() < ROTATE) {
            Some(queued) => Arc::clone(&queued.file),
            None => {
                let folder = self.folder.clone();
                let file = Arc::new(blocking(move || SpoolFile::create(&folder)).await?);
                let queued = Queued { file: Arc::clone(&file), drained: Position::default(), ours: true };
                files.push_back(queued);
                file
            }
        };
        blocking(move || file.append(&record)).await?;
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.tell(&files);
        Ok(())
    }

    /// The oldest record that waits.
    async fn first(&self) -> Result<Option<(Vec<u8>, Position)>> {
        let mut files = self.files.lock().await;
        while let Some(queued) = files.front() {
            let (file, from) = (Arc::clone(&queued.file), queued.drained);
            if let Some(found) = blocking(move || file.read(from)).await? {
                return Ok(Some(found));
            }
            if let Some(done) = files.pop_front() {
                blocking(move || done.file.remove()).await?;
            }
        }
        Ok(None)
    }

    /// Notes that the oldest batch is on the bus.
    async fn drop_first(&self, next: Position) {
        let mut files = self.files.lock().await;
        if let Some(queued) = files.front_mut() {
            queued.drained = next;
        }
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        self.tell(&files);
    }

    fn tell(&self, files: &VecDeque<Queued>) {
        let waiting = self.waiting.load(Ordering::SeqCst);
        let bytes = files.iter().map(|queued| queued.file.len()).sum();
        metering::spool(self.kind, waiting, bytes, self.max_bytes);
        if waiting > 0 {
            self.filled.notify_one();
        }
    }
}

impl<A: Adapter> Core<A> {
    /// Puts on the bus what waits on disk, in order, whenever there is something.
    pub(crate) async fn drain_spool(self: Arc<Self>) {
        let stop = self.lifecycle.work().stop_token();
        while !stop.is_cancelled() {
            match self.drain_first().await {
                Ok(true) => {}
                Ok(false) => {
                    tokio::select! {
                        () = self.spool.filled.notified() => {}
                        () = stop.cancelled() => {}
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "the spool cannot be drained yet");
                    tokio::select! {
                        () = tokio::time::sleep(AGAIN) => {}
                        () = stop.cancelled() => {}
                    }
                }
            }
        }
    }

    async fn drain_first(&self) -> Result<bool> {
        let Some((record, next)) = self.spool.first().await? else { return Ok(false) };
        let put = match Batch::decode(&record) {
            Ok(batch) => self.put(&batch).await,
            Err(error) => Err(error),
        };
        if let Err(error) = put {
            if error.code().is_transient() {
                return Err(error);
            }
            // what the bus will never take must not hide what is behind it
            tracing::error!(%error, "a record of the spool becomes a dead letter");
            self.bus.put_dead_letter(self.letter_of_record(record, &error)?).await?;
        }
        self.spool.drop_first(next).await;
        Ok(true)
    }
}

/// Runs file work where it may block.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
    done.map_err(|error| Error::unavailable("spool_failed").with_source(error))
}
