//! Recordings: what they are, and how they become something else.

use bytes::Bytes;

pub(crate) mod decode;
pub(crate) mod encode;
mod format;
mod pcm;

pub(crate) use format::Format;
pub(crate) use pcm::Pcm;

/// A recording, as it was uploaded.
pub(crate) struct Recording {
    /// Its type, decided by its content.
    pub(crate) mime: String,
    pub(crate) bytes: Bytes,
}
