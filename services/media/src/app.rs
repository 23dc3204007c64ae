use std::sync::Arc;

use tokio::sync::Notify;
use weft_domain::Clock;
use weft_store::Store;

use crate::{
    blobs::Blobs,
    link::Links,
    previews::{Previews, Source},
    scanner::Scanner,
    store::blob::State,
};

pub(crate) mod collect;
pub(crate) mod delete_file;
pub(crate) mod describe_files;
pub(crate) mod file;
pub(crate) mod get_file;
pub(crate) mod get_storage;
pub(crate) mod hold_files;
pub(crate) mod hold_only;
pub(crate) mod let_go;
pub(crate) mod look_into;
pub(crate) mod open_link;
pub(crate) mod read_file;
pub(crate) mod receive;
pub(crate) mod release_files;
pub(crate) mod store_file;
pub(crate) mod tell;
pub(crate) mod upload;

/// What the use cases work with.
pub(crate) struct Media {
    pub(crate) store: Store,
    pub(crate) blobs: Blobs,
    pub(crate) links: Links,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) max_file_bytes: u64,
    /// How much the files of one tenant may take; none: as much as there is room.
    pub(crate) quota_bytes: Option<u64>,
    /// Who looks for what is harmful, if anybody does.
    pub(crate) scanner: Option<Scanner>,
    /// Who makes smaller pictures, if anybody does.
    pub(crate) previews: Option<Previews>,
    /// Something came that may have to be looked into.
    pub(crate) come: Notify,
}

impl Media {
    /// How a file of this type begins, and whether something is to be done with it once it is here.
    pub(crate) fn first_state(&self, mime: &str) -> (State, bool) {
        if self.scanner.is_some() {
            return (State::Received, true);
        }
        (State::Available, self.previews.is_some() && Source::of(mime).is_some())
    }
}
