//! Conversations in which nobody writes any more: contacts are reminded once, what stays silent is resolved, and at last archived.

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
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
    reply::{self, Window},
    show::{self, Surroundings},
    store::{
        conversation_changes, conversations,
        entity::{conversation, message, silence_settings},
        kinds::Kinds,
        messages,
        silence::{self, By, UNARCHIVED, UNRESOLVED},
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
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Remind,
    Resolve,
    Archive,
}

/// Looks at tenants whose turn it is. One query when there is none.
pub(crate) async fn run(context: &Context, stop: &CancellationToken) -> Result<()> {
    let due = silence::due(&context.store).await?;
    if due.is_empty() {
        return Ok(());
    }
    let kinds = &*context.kinds.all().await?;
    let whose = |one: &silence::Owner| (one.tenant_id, "silent conversations".to_owned());
    let look = |one: silence::Owner| look(context, id::from_uuid(one.tenant_id), kinds, stop);
    each("look for silent conversations", due, whose, look).await;
    Ok(())
}

async fn look(context: &Context, tenant: TenantId, kinds: &Kinds, stop: &CancellationToken) -> Result<()> {
    if stop.is_cancelled() {
        return Ok(());
    }
    let scope = context.store.tenant(tenant);
    let take = |tx: Tx| async move { silence::take_look(&tx, tx.now() + AGAIN).await };
    let Some(settings) = scope.write(take).await? else { return Ok(()) };
    let mut is_all = true;
    for end in [End::Remind, End::Resolve, End::Archive] {
        let now = context.store.clock().now();
        let Some(span) = Span::of(&settings, end, now) else { continue };
        let ending = Ending { end, span, now, reminder: &settings.reminder, kinds };
        is_all &= put_to(tenant, &scope, &ending, stop).await?;
    }
    if is_all {
        return Ok(());
    }
    scope.write(|tx| async move { silence::look_again(&tx).await }).await
}

/// Whether it came to the last of them.
async fn put_to(
    tenant: TenantId,
    scope: &Scope,
    ending: &Ending<'_>,
    stop: &CancellationToken,
) -> Result<bool> {
    let mut after = (ending.span.from, Uuid::nil());
    let mut is_last = false;
    for _ in 0..MOST_PAGES {
        if is_last || stop.is_cancelled() {
            break;
        }
        let find = |tx: Tx| async move { ending.find(&tx, after).await };
        let found = scope.read(find).await?;
        is_last = u64::try_from(found.len()).unwrap_or(u64::MAX) < A_PAGE;
        after = found.last().map_or((ending.span.until, Uuid::nil()), |row| (ending.at(row), row.id));
        let ids = found.iter().filter(|row| ending.may_be(row)).map(|row| row.id).collect();
        let whose = |id: &Uuid| (tenant.uuid(), show::conversation_id(*id));
        let put = |id: Uuid| scope.write(move |tx| async move { ending.put(&tx, id).await });
        each("end silence", ids, whose, put).await;
    }
    if ending.end == End::Remind {
        // each is tried once: what cannot go now does not go in ten minutes either
        let until = if is_last { ending.span.until } else { after.0 };
        scope.write(|tx| async move { silence::note_reminded(&tx, until).await }).await?;
    }
    Ok(is_last)
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
        let from = match end {
            End::Remind => (until - TOO_LATE).max(settings.reminded_until.unwrap_or_default()),
            End::Resolve | End::Archive => DateTime::UNIX_EPOCH,
        };
        Some(Self { from, until })
    }

    fn has(self, at: DateTime<Utc>) -> bool {
        self.from <= at && at <= self.until
    }
}

/// What becomes of which.
struct Ending<'a> {
    end: End,
    span: Span,
    now: DateTime<Utc>,
    reminder: &'a str,
    kinds: &'a Kinds,
}

impl Ending<'_> {
    /// A contact is silent who does not write; a conversation, with which nobody does anything.
    fn by(&self) -> By {
        if self.end == End::Remind { By::Words } else { By::Changes }
    }

    fn at(&self, row: &conversation::Model) -> DateTime<Utc> {
        match self.by() {
            By::Words => row.active_at,
            By::Changes => row.updated_at,
        }
    }

    async fn find(&self, tx: &Tx, after: (DateTime<Utc>, Uuid)) -> Result<Vec<conversation::Model>> {
        let like = if self.end == End::Archive { UNARCHIVED } else { UNRESOLVED };
        silence::silent(tx, like, self.by(), after, self.span.until, A_PAGE).await
    }

    /// Whether it is worth a look at the rest.
    fn may_be(&self, row: &conversation::Model) -> bool {
        if self.end != End::Remind {
            return true;
        }
        let can = self.kinds.get(&row.channel_kind);
        let window = Window::for_writer(row, can, self.now, AuthorKind::System);
        row.contact_wrote_at.is_some() && reply::refusal(row, &window, false).is_none()
    }

    async fn put(&self, tx: &Tx, id: Uuid) -> Result<()> {
        let before = conversations::advance(tx, id, 0).await?;
        // somebody may have been here meanwhile
        if !self.span.has(self.at(&before)) {
            return Ok(());
        }
        let status: Status = show::stored(&before.status)?;
        let is_unresolved =
            matches!(status, Status::Open | Status::Pending) && before.waiting_since.is_none();
        let last = messages::newest_said(tx, id, self.end == End::Remind).await?;
        let mut row = before.clone();
        match self.end {
            End::Remind if is_unresolved && last.as_ref().is_some_and(waits_for_an_answer) => {
                return self.remind(tx, id).await;
            }
            End::Resolve if is_unresolved && last.as_ref().is_none_or(has_arrived) => {
                row.become_status(Status::Resolved);
            }
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

    async fn remind(&self, tx: &Tx, id: Uuid) -> Result<()> {
        match Box::pin(send_automatic_message::write(tx, id, self.reminder, self.kinds)).await {
            // the channel, or the contact, takes none
            Err(error) if error.code() == ErrorCode::Precondition => {
                tracing::debug!(conversation.id = %id, error = %error, "nobody is reminded");
                Ok(())
            }
            written => written.map(drop),
        }
    }
}

/// Whether a person of ours wrote it, and the contact has it: what goes by itself asks for nothing.
fn waits_for_an_answer(last: &message::Model) -> bool {
    last.author_kind == AuthorKind::Agent.to_string()
        && last.direction == Direction::Outbound.to_string()
        && last.deleted_at.is_none()
        && has_arrived(last)
}

/// Whether it came from the contact or went to them: who got no answer still waits for one.
fn has_arrived(last: &message::Model) -> bool {
    let gone = [State::Received, State::Sent, State::Delivered, State::Read];
    gone.iter().any(|state| last.state == state.to_string())
}
