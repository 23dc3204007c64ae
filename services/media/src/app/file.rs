use uuid::Uuid;
use weft_domain::{Error, Result, id};
use weft_proto::{convert::timestamp, media::v1::File};

use crate::store::file::Kept;

/// A file as others see it, without a link.
pub(crate) fn show(kept: &Kept) -> File {
    let row = &kept.file;
    File {
        id: id::from_uuid::<id::File>(row.id).to_string(),
        name: row.name.clone(),
        mime: row.mime.clone(),
        size: kept.size(),
        sha256: row.sha256.clone(),
        created_at: Some(timestamp(row.created_at)),
        ..File::default()
    }
}

/// At most so many files are asked for at once.
const MOST: usize = 500;

/// The ids of files that may be there; what is no id of a file is none.
pub(crate) fn ids(texts: &[String]) -> Result<Vec<Uuid>> {
    if texts.len() > MOST {
        return Err(Error::invalid_field("ids", format!("`ids` must be at most {MOST}")));
    }
    let parsed = texts.iter().filter_map(|text| id::parse_lookup::<id::File>(text).ok());
    Ok(parsed.map(|id| id.uuid()).collect())
}
