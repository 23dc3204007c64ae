//! What a team had that is gone is no team's: its conversations, some at a time, and its views.

use uuid::Uuid;
use weft_domain::{Result, id};
use weft_store::Tx;

use crate::{
    Context,
    app::update_conversation,
    events, show,
    store::{
        due::{self, Due},
        teams, views,
    },
};

/// So many conversations are changed in one transaction.
const AT_ONCE: u64 = 50;
/// So many steps one team takes before the others have their turn.
const STEPS: usize = 20;

/// Goes on with every team that something is still with. One query when there is none.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let left = due::find(&context.store, due::LEFT_TEAMS).await?;
    let whose = |one: &Due| (one.tenant_id, show::team_id(one.id));
    super::each("clear teams", left, whose, |one| clear(context, one)).await;
    Ok(())
}

async fn clear(context: &Context, one: Due) -> Result<()> {
    let scope = context.store.tenant(id::from_uuid(one.tenant_id));
    scope.write(|tx| async move { drop_views(&tx, one.id).await }).await?;
    for _ in 0..STEPS {
        if !scope.write(|tx| async move { step(&tx, one.id).await }).await? {
            break;
        }
    }
    Ok(())
}

async fn drop_views(tx: &Tx, team: Uuid) -> Result<()> {
    for row in views::take_of_team(tx, team).await? {
        views::remove(tx, row.id).await?;
        views::drop_set(tx, row.set_id).await?;
        events::view_updated(tx, &row, &show::view(&row, None), true).await?;
    }
    Ok(())
}

/// It answers whether something may be left.
async fn step(tx: &Tx, team: Uuid) -> Result<bool> {
    let some = teams::some_conversations(tx, team, AT_ONCE).await?;
    if some.is_empty() {
        teams::note_cleared(tx, team).await?;
        return Ok(false);
    }
    for id in some {
        update_conversation::leave_team(tx, id, team).await?;
    }
    Ok(true)
}
