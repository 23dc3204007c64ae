use std::collections::BTreeMap;

use bytes::Bytes;

/// How many bytes of files are kept.
const KEPT: usize = 256 * 1024 * 1024;

/// The files of customers, in memory.
#[derive(Debug, Default)]
pub(super) struct Files {
    next: u64,
    files: BTreeMap<u64, StoredFile>,
    size: usize,
}

#[derive(Clone, Debug)]
pub(super) struct StoredFile {
    pub(super) id: String,
    pub(super) unique_id: String,
    pub(super) path: String,
    pub(super) bytes: Bytes,
}

impl Files {
    /// Keeps a file; the oldest ones go when there is too much.
    pub(super) fn store(&mut self, folder: &str, extension: &str, bytes: Bytes) -> StoredFile {
        self.next += 1;
        let number = self.next;
        let file = StoredFile {
            id: format!("SimFile{number:08}"),
            unique_id: format!("SimUnique{number:08}"),
            path: format!("{folder}/file_{number}.{extension}"),
            bytes,
        };
        self.size += file.bytes.len();
        self.files.insert(number, file.clone());
        while self.size > KEPT && self.files.len() > 1 {
            let oldest = self.files.pop_first();
            self.size -= oldest.map_or(0, |(_, file)| file.bytes.len());
        }
        file
    }

    pub(super) fn by_id(&self, id: &str) -> Option<&StoredFile> {
        self.files.get(&id.strip_prefix("SimFile")?.parse().ok()?)
    }

    pub(super) fn by_path(&self, path: &str) -> Option<&StoredFile> {
        let number = path.rsplit_once("file_")?.1.split('.').next()?.parse().ok()?;
        self.files.get(&number).filter(|file| file.path == path)
    }
}
