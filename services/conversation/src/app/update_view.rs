use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::{Error, Result};
use weft_proto::conversation::v1::{UpdateViewRequest, View};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::create_view::{Wanted, limited, minds, named, require, told};
use crate::{
    Context, custom_fields, events, filter, lookup, show,
    store::{
        entity::saved_view,
        views::{self, Audience},
    },
    views::is_counted,
};

/// Changes a view. When another set of conversations is in it then, or for others, its members are looked for anew.
pub(crate) async fn run(context: &Context, call: Accepted<UpdateViewRequest>) -> Result<Once<View>> {
    let request = &call.message;
    let id = lookup::view(&request.id)?;
    let name = &request.name.as_deref().map(named).transpose()?;
    let wanted = Wanted::read(request.visibility.as_deref(), request.team_id.as_deref())?;
    let given = request.filter.as_ref();
    let rule = &given.map(|given| filter::read(given, "filter")).transpose()?;
    let principal = &call.principal;
    let update = |tx: Tx| async move {
        let before = taken(&tx, id, principal).await?;
        let mut row = before.clone();
        if let Some(name) = name {
            row.name.clone_from(name);
        }
        row.position = request.position.unwrap_or(row.position);
        let audience = wanted.after(before.audience())?;
        if audience != before.audience() {
            require(&tx, principal, audience).await?;
            limited(&tx, row.owner, audience).await?;
            row.become_seen_by(audience);
        }
        if let (Some(given), Some(rule)) = (given, rule) {
            custom_fields::known(&tx, &rule.custom_keys()).await?;
            row.filter = given.clone().into();
        }
        if row == before {
            return told(&tx, &row, principal.user().uuid()).await;
        }
        if (&row.filter, row.shared) != (&before.filter, before.shared) {
            views::drop_set(&tx, row.set_id).await?;
            row.set_id = Uuid::now_v7();
            row.counted = is_counted(&filter::read(&row.filter.0.0, "filter")?, row.shared);
            (row.built, row.built_to) = (false, Uuid::nil());
        }
        row.updated_at = tx.now();
        views::save(&tx, &row).await?;
        if before.shared && audience != before.audience() && audience != Audience::Everyone {
            // for those who do not see it any more it is gone
            events::view_updated(&tx, &before, &show::view(&before, None), true).await?;
        }
        told(&tx, &row, principal.user().uuid()).await
    };
    context.store.tenant(principal.tenant).write_once(&call.intent, update).await
}

/// A view that somebody may change, its turn taken.
pub(super) async fn taken(tx: &Tx, id: Uuid, principal: &Principal) -> Result<saved_view::Model> {
    let row = views::take(tx, id).await?;
    let user = principal.user().uuid();
    let row = row.ok_or_else(|| Error::not_found("view"))?;
    let is_seen = match row.audience() {
        Audience::Own => row.owner == user,
        Audience::Team(team) => minds(tx, principal, team).await?,
        Audience::Everyone => true,
    };
    if !is_seen {
        return Err(Error::not_found("view"));
    }
    require(tx, principal, row.audience()).await?;
    Ok(row)
}
