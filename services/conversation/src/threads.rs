//! Which of a contact's conversations a thread of a channel leads to: the one in which one of us answered last, or which they
//! quoted since.

use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use crate::{
    events,
    show::Surroundings,
    store::{conversations, entity::conversation},
};

/// Has what the contact writes come to this conversation, whose turn is taken.
pub(crate) async fn take(tx: &Tx, row: &mut conversation::Model) -> Result<()> {
    if row.holds_thread {
        return Ok(());
    }
    let before = conversations::let_go(tx, row).await?;
    row.holds_thread = true;
    let surroundings = Surroundings::load(tx, &before).await?;
    before.iter().try_for_each(|row| events::conversation_updated(tx, row, &surroundings))
}

/// What quotes messages of a conversation comes to it.
pub(crate) async fn follow_quotes(tx: &Tx, quoted: Vec<Uuid>) -> Result<()> {
    if quoted.is_empty() {
        return Ok(());
    }
    for mut row in conversations::detached_of(tx, quoted).await? {
        take(tx, &mut row).await?;
        conversations::save(tx, &row).await?;
    }
    Ok(())
}
