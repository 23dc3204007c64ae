use weft_domain::id;
use weft_proto::{convert::timestamp, media::v1::File};

use crate::store::entity::file::Model;

/// A file as others see it, without a link.
pub(crate) fn show(row: &Model) -> File {
    File {
        id: id::from_uuid::<id::File>(row.id).to_string(),
        name: row.name.clone(),
        mime: row.mime.clone(),
        size: size(row),
        sha256: row.sha256.clone(),
        created_at: Some(timestamp(row.created_at)),
        url: None,
        url_expires_at: None,
    }
}

/// How many bytes it has.
pub(crate) fn size(row: &Model) -> u64 {
    u64::try_from(row.size).unwrap_or_default()
}
