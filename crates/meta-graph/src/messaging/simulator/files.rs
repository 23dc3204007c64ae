use bytes::Bytes;
use chrono::TimeDelta;

use super::{Simulator, state::StoredFile};

impl Simulator {
    /// Keeps a file for a while and gives its address.
    pub(super) fn store(&self, name: &str, mime: &'static str, bytes: &'static [u8]) -> String {
        let life = TimeDelta::from_std(self.settings.address_life).unwrap_or_default();
        let until = self.now() + life;
        self.world.change(|state| {
            let id = format!("{}/{name}", state.next());
            let file = StoredFile { mime, bytes: Bytes::from_static(bytes), until };
            let address = format!("{}/files/{id}", state.base);
            state.files.insert(id, file);
            address
        })
    }

    /// What is behind an address, as long as it is good.
    pub(super) fn file(&self, id: &str) -> Option<(&'static str, Bytes)> {
        let now = self.now();
        let state = self.world.lock();
        let file = state.files.get(id).filter(|file| now < file.until)?;
        Some((file.mime, file.bytes.clone()))
    }
}
