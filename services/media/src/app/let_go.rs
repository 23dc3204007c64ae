use weft_domain::{Result, id};
use weft_proto::events::v1::FileDeleted;
use weft_store::Tx;

use crate::store::{blob, entity::file::Model, file, usage};

/// Deletes files in the transaction, and counts less. What lay on disk goes after the commit (`collect`).
pub(crate) async fn run(tx: &Tx, mut rows: Vec<Model>) -> Result<()> {
    // everybody locks blobs in the same order, and what counts them last
    rows.sort_by(|one, other| one.sha256.cmp(&other.sha256));
    let (mut files, mut bytes) = (0, 0);
    for row in rows {
        file::remove(tx, row.id).await?;
        files -= 1;
        bytes -= blob::let_go(tx, &row.sha256).await?;
        let file_id = id::from_uuid::<id::File>(row.id).to_string();
        tx.emit_event(&file_id.clone(), &FileDeleted { file_id })?;
    }
    if files < 0 {
        usage::add(tx, files, bytes).await?;
    }
    Ok(())
}
