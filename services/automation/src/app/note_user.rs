use chrono::{DateTime, Utc};
use weft_domain::{Result, TenantId, id};
use weft_proto::directory::v1::User;

use super::change_availability::tell;
use crate::{Context, availability::Status, desk::Desk, store::agents};

/// Keeps what the directory says of somebody; what it said earlier changes nothing. Whoever may not sign in any more is
/// offline, and what was decided for them goes to others.
pub(crate) async fn run(
    context: &Context,
    tenant: TenantId,
    user: &User,
    told_at: DateTime<Utc>,
) -> Result<()> {
    let id = id::parse::<id::User>("user.id", &user.id)?.uuid();
    let usual = context.default_capacity;
    let note = |tx| async move {
        let mut desk = Desk::open(tx, usual).await?;
        let mut row = agents::find(&desk.tx, id).await?.unwrap_or_else(|| agents::new(&desk.tx, id));
        if row.told_at.is_some_and(|known| told_at < known) {
            return Ok(());
        }
        row.told_at = Some(told_at);
        row.name.clone_from(if user.name.is_empty() { &user.email } else { &user.name });
        row.role.clone_from(&user.role);
        row.disabled = user.disabled;
        let leaves = row.disabled && row.status != Status::Offline.to_string();
        if leaves {
            row.status = Status::Offline.to_string();
            row.updated_at = desk.tx.now();
            tell(&desk, &row, usual)?;
        }
        agents::save(&desk.tx, vec![row]).await?;
        if leaves {
            desk.take_back(id).await?;
        }
        desk.close().await
    };
    context.store.tenant(tenant).write(note).await?;
    context.decided.notify_one();
    Ok(())
}
