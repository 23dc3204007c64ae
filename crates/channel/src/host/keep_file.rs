use weft_domain::{Error, ErrorCode, Result};
use weft_proto::media::v1::{File as StoredFile, StoreFileHead};

use super::{
    Host,
    fetch_media::{FetchError, key},
};
use crate::{Adapter, BodyStream, Media};

/// Which files of contacts are kept.
#[derive(Clone, Copy, Debug)]
pub struct Keep<'a> {
    /// The most bytes.
    pub most: u64,
    /// The types, by their content, like `image/*`; none: every type.
    pub accept: &'a [String],
}

impl<A: Adapter> Host<A> {
    /// Keeps a contact's file that came before its message; `media` says what it is called and what tells it from others of
    /// the channel. A message that then brings the same [`Media`] shows this file: it is not stored twice.
    pub async fn keep_file(
        &self,
        channel_id: &str,
        media: &Media,
        body: BodyStream,
        keep: Keep<'_>,
    ) -> Result<StoredFile> {
        let account = self.account(channel_id).await?;
        let head = StoreFileHead {
            tenant_id: account.tenant_id.to_string(),
            name: media.name.clone(),
            declared_mime: media.mime.clone(),
            key: key(&account, media),
            accept: keep.accept.to_vec(),
        };
        let stored = self.0.store_file(head, body, keep.most.min(self.0.config.max_media_bytes)).await;
        stored.map_err(|error| match error {
            FetchError::Store(error) => error,
            FetchError::TooLarge(most) => {
                let words = format!("the file is larger than {most} bytes");
                Error::new(ErrorCode::TooLarge, "file_too_large", words).with_field("file")
            }
            FetchError::Broken(_) | FetchError::Provider(_) => {
                Error::invalid("upload_unreadable", "the file did not arrive whole; send it again")
            }
        })
    }

    /// Where `subject`, a contact of this channel, gets a file of its tenant, for some minutes: an address, or a path where
    /// nobody told the media service its address.
    pub async fn file_link(&self, channel_id: &str, file_id: &str, subject: &str) -> Result<String> {
        let account = self.account(channel_id).await?;
        let link = self.0.files.link(&account.tenant_id.to_string(), file_id, subject).await?;
        link.ok_or_else(|| Error::not_found("file"))
    }
}
