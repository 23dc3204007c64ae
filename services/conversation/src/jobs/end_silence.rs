//! Conversations in which nobody writes any more: contacts are reminded once, what stays silent is resolved, and at last archived.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use weft_domain::{
    ErrorCode, Result, TenantId,
    conversation::{AuthorKind, Direction, Status},
    delivery::State,
    id,
};
use weft_store::{Scope, Tx};

use super::each;
use crate::{
    Context,
    app::send_automatic_message,
    events,
    show::{self, Surroundings},
    store::{
        conversation_changes, conversations,
        entity::{conversation, message, silence_settings},
        kinds::Kinds,
        messages,
        silence::{self, UNARCHIVED, UNRESOLVED},
    },
};

/// How often a tenant's silent conversations are looked for.
const AGAIN: TimeDelta = TimeDelta::minutes(10);
/// So many are looked at together.
const A_PAGE: u64 = 100;
/// So many pages of one tenant in one go; for the rest it is looked again at once, after those of others.
const MOST_PAGES: usize = 10;
/// A reminder that comes so much too late is none: nobody reminds of what was over when reminders were switched on.
const TOO_LATE: TimeDelta = TimeDelta::hours(24);

/// What becomes of a conversation.
#[derive(Clone, Copy)]
enum End {
    Remind,
    Resolve,
    Archive,
}

/// Looks at tenants whose turn it is. One query when there is none.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let due = silence::due(&context.store).await?;
    if due.is_empty() {
        return Ok(());
    }
    let kinds = &*context.kinds.all().await?;
    let whose = |one: &silence::Owner| (one.tenant_id, "silent conversations".to_owned());
    let look = |one: silence::Owner| look(context, id::from_uuid(one.tenant_id), kinds);
    each("look for silent conversations", due, whose, look).await;
    Ok(())
}

async fn look(context: &Context, tenant: TenantId, kinds: &Kinds) -> Result<()> {
    let scope = context.store.tenant(tenant);
    let take = |tx: Tx| async move { silence::take_look(&tx, tx.now() + AGAIN).await };
    let Some(settings) = scope.write(take).await? else { return Ok(()) };
    let mut is_all = true;
    for end in [End::Remind, End::Resolve, End::Archive] {
        let Some(span) = Span::of(&settings, end, context.store.clock().now()) else { continue };
        is_all &= put_to(tenant, &scope, &Ending { end, span, reminder: &settings.reminder, kinds }).await?;
    }
    if is_all {
        return Ok(());
    }
    scope.write(|tx| async move { silence::look_again(&tx).await }).await
}

/// Whether it came to the last of them.
async fn put_to(tenant: TenantId, scope: &Scope, ending: &Ending<'_>) -> Result<bool> {
    let mut after = (ending.span.from, Uuid::nil());
    for _ in 0..ending.most_pages() {
        let find = |tx: Tx| async move { ending.find(&tx, after).await };
        let (found, next) = scope.read(find).await?;
        let whose = |id: &Uuid| (tenant.uuid(), show::conversation_id(*id));
        let put = |id: Uuid| scope.write(move |tx| async move { ending.put(&tx, id).await });
        each("end silence", found, whose, put).await;
        match next {
            Some(next) => after = next,
            None => return Ok(true),
        }
    }
    Ok(false)
}

/// Between which instants something happened last.
#[derive(Clone, Copy)]
struct Span {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl Span {
    /// None: nothing becomes of them.
    fn of(settings: &silence_settings::Model, end: End, now: DateTime<Utc>) -> Option<Self> {
        let after = match end {
            End::Remind => settings.remind_after_hours,
            End::Resolve => settings.resolve_after_hours,
            End::Archive => settings.archive_after_hours,
        };
        let until = now - silence::hours(after)?;
        let from = if matches!(end, End::Remind) { until - TOO_LATE } else { DateTime::UNIX_EPOCH };
        Some(Self { from, until })
    }

    fn has(self, at: DateTime<Utc>) -> bool {
        self.from < at && at <= self.until
    }
}

/// What becomes of which.
struct Ending<'a> {
    end: End,
    span: Span,
    reminder: &'a str,
    kinds: &'a Kinds,
}

impl Ending<'_> {
    /// Of those that are to be reminded some cannot be: all of them are tried, for there are no more than of one day.
    fn most_pages(&self) -> usize {
        if matches!(self.end, End::Remind) { usize::MAX } else { MOST_PAGES }
    }

    /// Some of them, and where they go on.
    async fn find(
        &self,
        tx: &Tx,
        after: (DateTime<Utc>, Uuid),
    ) -> Result<(Vec<Uuid>, Option<(DateTime<Utc>, Uuid)>)> {
        let like = if matches!(self.end, End::Archive) { UNARCHIVED } else { UNRESOLVED };
        let rows = silence::silent(tx, like, after, self.span.until, A_PAGE).await?;
        let is_last = u64::try_from(rows.len()).unwrap_or(u64::MAX) < A_PAGE;
        let next = rows.last().map(|row| (row.active_at, row.id)).filter(|_| !is_last);
        if !matches!(self.end, End::Remind) {
            return Ok((rows.into_iter().map(|row| row.id).collect(), next));
        }
        let last = rows.iter().filter_map(|row| row.last_message_id).collect();
        let last = messages::by_ids(tx, last).await?;
        let waits = |row: &conversation::Model| {
            row.last_message_id.and_then(|id| last.get(&id)).is_some_and(waits_for_an_answer)
        };
        Ok((rows.into_iter().filter(waits).map(|row| row.id).collect(), next))
    }

    async fn put(&self, tx: &Tx, id: Uuid) -> Result<()> {
        let before = conversations::advance(tx, id, 0).await?;
        // somebody may have been here meanwhile
        if !self.span.has(before.active_at) {
            return Ok(());
        }
        let status: Status = show::stored(&before.status)?;
        let is_unresolved =
            matches!(status, Status::Open | Status::Pending) && before.waiting_since.is_none();
        let mut row = before.clone();
        match self.end {
            End::Remind if is_unresolved => return self.remind(tx, &before).await,
            End::Resolve if is_unresolved => row.become_status(Status::Resolved),
            End::Archive if matches!(status, Status::Resolved | Status::Closed) => {
                row.archived_at = row.archived_at.or(Some(tx.now()));
            }
            _ => {}
        }
        if row == before {
            return Ok(());
        }
        row.updated_at = tx.now();
        conversations::save(tx, &row).await?;
        conversation_changes::note_one(tx, &before.status, &row).await?;
        let surroundings = Surroundings::load(tx, std::slice::from_ref(&row)).await?;
        events::conversation_updated(tx, &row, &surroundings)
    }

    async fn remind(&self, tx: &Tx, conversation: &conversation::Model) -> Result<()> {
        let Some(last) = conversation.last_message_id else { return Ok(()) };
        if !waits_for_an_answer(&messages::get(tx, last).await?) {
            return Ok(());
        }
        match Box::pin(send_automatic_message::write(tx, conversation.id, self.reminder, self.kinds)).await {
            // the channel, or the contact, takes none
            Err(error) if error.code() == ErrorCode::Precondition => {
                tracing::debug!(conversation.id = %conversation.id, error = %error, "nobody is reminded");
                Ok(())
            }
            written => written.map(drop),
        }
    }
}

/// Whether one of ours wrote it, and it went: what goes by itself is not answered, nor what nobody got.
fn waits_for_an_answer(last: &message::Model) -> bool {
    let is_ours =
        [AuthorKind::Agent, AuthorKind::Bot].iter().any(|kind| last.author_kind == kind.to_string());
    is_ours && last.direction == Direction::Outbound.to_string() && last.state != State::Failed.to_string()
}
