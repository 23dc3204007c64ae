use uuid::Uuid;
use weft_domain::{Error, Result, TenantId};
use weft_store::Tx;

use super::Media;
use crate::{
    content::kind::may_be_shown,
    link::{Disposition, Granted, Query},
    picture::Variant,
    store::{
        file::{self, Kept},
        variant,
    },
};

/// What a link gives, and how it may be shown.
pub(crate) struct Opened {
    pub(crate) tenant: TenantId,
    pub(crate) location: Uuid,
    pub(crate) size: u64,
    pub(crate) mime: String,
    pub(crate) name: String,
    pub(crate) etag: String,
    pub(crate) disposition: Disposition,
}

/// What the link to a file, or to a picture of it, gives.
pub(crate) async fn run(media: &Media, id: &str, query: &Query) -> Result<Opened> {
    let granted = media.links.open(id, query)?;
    media.store.tenant(granted.tenant).read(|tx| async move { find(&tx, granted).await }).await
}

async fn find(tx: &Tx, granted: Granted) -> Result<Opened> {
    let kept = file::get(tx, granted.id).await?;
    kept.require_available()?;
    match granted.variant {
        None => Ok(whole(kept, &granted)),
        Some(wanted) => picture(tx, kept, &granted, wanted).await,
    }
}

fn whole(kept: Kept, granted: &Granted) -> Opened {
    let disposition =
        if may_be_shown(&kept.file.mime) { granted.disposition } else { Disposition::Attachment };
    Opened {
        tenant: granted.tenant,
        location: kept.location(),
        size: kept.size(),
        etag: format!("\"{}\"", kept.file.sha256),
        mime: kept.file.mime,
        name: kept.file.name,
        disposition,
    }
}

async fn picture(tx: &Tx, kept: Kept, granted: &Granted, wanted: Variant) -> Result<Opened> {
    let all = variant::of(tx, &kept.file.sha256).await?;
    let row = all.into_iter().find(|row| row.name == wanted.word());
    let row = row.ok_or_else(|| Error::not_found("file"))?;
    let extension = row.mime.rsplit('/').next().unwrap_or_default();
    Ok(Opened {
        tenant: granted.tenant,
        location: row.location,
        size: u64::try_from(row.size).unwrap_or_default(),
        etag: format!("\"{}-{}\"", kept.file.sha256, row.name),
        name: format!("{}.{extension}", kept.file.name),
        mime: row.mime,
        disposition: granted.disposition,
    })
}
