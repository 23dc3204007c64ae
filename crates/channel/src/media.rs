use std::fmt;

use crate::BodyStream;

/// A file of the provider, being read.
pub struct MediaStream {
    /// Its name, if the provider says.
    pub name: Option<String>,
    /// Its type, if the provider says; to be checked against the content.
    pub mime: Option<String>,
    /// Its size in bytes, if the provider says.
    pub size: Option<u64>,
    /// The bytes.
    pub body: BodyStream,
}

impl fmt::Debug for MediaStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MediaStream")
            .field("name", &self.name)
            .field("mime", &self.mime)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}
