use weft_domain::{Result, conversation::AuthorKind};
use weft_store::Tx;

use super::send_message::Draft;
use crate::{actor::Writer, store::drafts};

/// What a person had begun to write has gone with this. A program has begun nothing, and a note leaves what is for the
/// contact, as it does the other way round.
pub(super) async fn run(tx: &Tx, writer: &Writer, draft: &Draft) -> Result<()> {
    if writer.kind != AuthorKind::Agent {
        return Ok(());
    }
    let Some(kept) = drafts::get(tx, writer.user, draft.conversation).await? else { return Ok(()) };
    if kept.message.0.0.internal == draft.internal {
        drafts::drop(tx, writer.user, draft.conversation).await?;
    }
    Ok(())
}
