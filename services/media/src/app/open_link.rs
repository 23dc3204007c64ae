use weft_domain::Result;

use super::Media;
use crate::{
    content::kind::may_be_shown,
    link::{Disposition, Granted, Query},
    store::file::{self, Kept},
};

/// The file a link gives, and how it may be shown.
pub(crate) async fn run(media: &Media, id: &str, query: &Query) -> Result<(Granted, Kept)> {
    let granted = media.links.open(id, query)?;
    let scope = media.store.tenant(granted.tenant);
    let kept = scope.read(|tx| async move { file::get(&tx, granted.id).await }).await?;
    let disposition =
        if may_be_shown(&kept.file.mime) { granted.disposition } else { Disposition::Attachment };
    Ok((Granted { disposition, ..granted }, kept))
}
