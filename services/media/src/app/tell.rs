use weft_domain::Result;
use weft_proto::events::v1::FileUpdated;
use weft_store::Tx;

use super::file::show;
use crate::store::{
    blob,
    file::{self, Kept},
};

/// Tells that the files with these bytes are other than before.
pub(crate) async fn updated(tx: &Tx, sha256: &str) -> Result<()> {
    let blob = blob::find(tx, sha256).await?;
    for row in file::some_with(tx, sha256).await? {
        let file = show(&Kept { file: row, blob: blob.clone() });
        tx.emit_event(&file.id.clone(), &FileUpdated { file: Some(file) })?;
    }
    Ok(())
}
