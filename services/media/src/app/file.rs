use uuid::Uuid;
use weft_domain::{Error, Result, TenantId, id};
use weft_proto::{
    convert::timestamp,
    media::v1::{File, file},
};

use super::Media;
use crate::{
    link::Disposition,
    picture::Variant,
    store::{blob::State, file::Kept, variant},
};

/// A file as others see it, without a link.
pub(crate) fn show(kept: &Kept) -> File {
    let row = &kept.file;
    let side = |pixels: Option<i32>| pixels.and_then(|side| u32::try_from(side).ok());
    File {
        id: id::from_uuid::<id::File>(row.id).to_string(),
        name: row.name.clone(),
        mime: row.mime.clone(),
        size: kept.size(),
        sha256: row.sha256.clone(),
        created_at: Some(timestamp(row.created_at)),
        state: state(kept).into(),
        width: side(kept.blob.as_ref().and_then(|blob| blob.width)),
        height: side(kept.blob.as_ref().and_then(|blob| blob.height)),
        ..File::default()
    }
}

/// A file with links for `subject`, to it and to the pictures there are of it.
pub(crate) fn linked(
    media: &Media,
    tenant: TenantId,
    kept: &Kept,
    variants: &[variant::Model],
    subject: &str,
) -> File {
    let (id, disposition) = (id::from_uuid(kept.file.id), Disposition::of(&kept.file.mime));
    if kept.state() != State::Available {
        return show(kept);
    }
    let (url, until) = media.links.make(tenant, id, subject, disposition);
    let picture = |wanted: Variant| {
        let there = variants.iter().any(|row| row.name == wanted.word());
        // both databases tell of both or of neither: SQLite reads one after the other
        let known = kept.blob.as_ref().is_some_and(|blob| blob.width.is_some());
        (there && known).then(|| media.links.make_of(tenant, id, subject, wanted))
    };
    File {
        url: Some(url),
        url_expires_at: Some(timestamp(until)),
        thumbnail_url: picture(Variant::Thumb),
        preview_url: picture(Variant::Preview),
        ..show(kept)
    }
}

fn state(kept: &Kept) -> file::State {
    match kept.state() {
        State::Available => file::State::Available,
        State::Received => file::State::Received,
        State::Quarantined => file::State::Quarantined,
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
