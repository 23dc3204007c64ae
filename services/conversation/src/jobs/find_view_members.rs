//! The members of new views are looked for, some conversations at a time; those of views that are gone are forgotten.

use weft_domain::{Result, id};

use crate::{
    Context, show,
    store::{
        due::{self, Due},
        views as sets,
    },
    views,
};

/// So many steps one view takes before the others have their turn.
const STEPS: usize = 20;
/// So many members are forgotten in one transaction.
const FORGOTTEN: u64 = 5_000;

/// Goes on with every view that is not at its end. Two queries when there is none.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let unbuilt = due::find(&context.store, due::UNBUILT).await?;
    let whose = |one: &Due| (one.tenant_id, show::view_id(one.id));
    super::each("find view members", unbuilt, whose, |one| look_on(context, one)).await;
    let dropped = due::find(&context.store, due::DROPPED).await?;
    super::each("forget view members", dropped, whose, |one| forget(context, one)).await;
    Ok(())
}

async fn look_on(context: &Context, one: Due) -> Result<()> {
    let scope = context.store.tenant(id::from_uuid(one.tenant_id));
    for _ in 0..STEPS {
        if !scope.write(|tx| async move { views::look_on(&tx, one.id).await }).await? {
            break;
        }
    }
    Ok(())
}

async fn forget(context: &Context, one: Due) -> Result<()> {
    let scope = context.store.tenant(id::from_uuid(one.tenant_id));
    scope.write(|tx| async move { sets::forget(&tx, one.id, FORGOTTEN).await }).await
}
