use std::{collections::BTreeMap, fmt};

use bytes::Bytes;
use url::Url;

use crate::{Attachment, SendError};

/// The files of a message that is being sent, by id.
#[derive(Clone, Debug, Default)]
pub struct Files(BTreeMap<String, File>);

/// One file, in memory: no provider takes more than some dozen megabytes.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// As the contact will see it.
    pub name: String,
    /// Its media type.
    pub mime: String,
    /// Its content.
    pub bytes: Bytes,
    /// Where the outside can fetch it for some days; none when nothing outside can reach us.
    pub link: Option<Url>,
}

impl Files {
    /// Adds a file.
    pub fn insert(&mut self, id: impl Into<String>, file: File) {
        self.0.insert(id.into(), file);
    }

    /// The file of this attachment; an error for the agent when it cannot be sent.
    pub fn get(&self, attachment: &Attachment) -> Result<&File, SendError> {
        let name = &attachment.name;
        match self.0.get(&attachment.id) {
            None => Err(SendError::message_invalid(format!("the file “{name}” is not available"))),
            Some(file) if file.bytes.is_empty() => {
                Err(SendError::message_invalid(format!("the file “{name}” is empty")))
            }
            Some(file) => Ok(file),
        }
    }

    /// Where the provider and the contact can fetch the file, for providers that take no bytes.
    pub fn link(&self, attachment: &Attachment) -> Result<&Url, SendError> {
        self.get(attachment)?.link.as_ref().ok_or_else(|| {
            let name = &attachment.name;
            let why = "this channel fetches files, and this server has no address that others can reach";
            SendError::message_invalid(format!("the file “{name}” cannot be fetched: {why}"))
        })
    }
}

impl FromIterator<(String, File)> for Files {
    fn from_iter<I: IntoIterator<Item = (String, File)>>(files: I) -> Self {
        Self(files.into_iter().collect())
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File")
            .field("name", &self.name)
            .field("mime", &self.mime)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}
