use std::sync::Arc;

use weft_domain::Clock;
use weft_store::Store;

use crate::{blobs::Blobs, link::Links};

pub(crate) mod collect;
pub(crate) mod delete_file;
pub(crate) mod describe_files;
pub(crate) mod file;
pub(crate) mod get_file;
pub(crate) mod get_storage;
pub(crate) mod hold_files;
pub(crate) mod let_go;
pub(crate) mod open_link;
pub(crate) mod read_file;
pub(crate) mod receive;
pub(crate) mod release_files;
pub(crate) mod store_file;

/// What the use cases work with.
pub(crate) struct Media {
    pub(crate) store: Store,
    pub(crate) blobs: Blobs,
    pub(crate) links: Links,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) max_file_bytes: u64,
    /// How much the files of one tenant may take; none: as much as there is room.
    pub(crate) quota_bytes: Option<u64>,
}
