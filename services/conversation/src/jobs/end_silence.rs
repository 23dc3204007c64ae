//! Conversations in which nobody writes any more: contacts are reminded once, what stays silent is resolved, and at last archived.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weft_domain::{
    Error, ErrorCode, Result, TenantId,
    conversation::{AuthorKind, Status},
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
        entity::{conversation, silence_settings},
        kinds::Kinds,
        messages,
        silence::{self, By, Last, Place, UNARCHIVED, UNRESOLVED},
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

/// What a look leaves to others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    /// Nothing: it came to the last, or the rest has time until the next look.
    Nothing,
    /// Those behind the ones that it had time for.
    Rest,
    /// All: something else is to become of them by now.
    All,
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
        let ending = Ending { end, span, now, settings: &settings, kinds };
        match put_to(tenant, &scope, &ending, stop).await? {
            Left::Nothing => {}
            Left::Rest => is_all = false,
            // whoever changed the settings has had it looked at once more
            Left::All => return Ok(()),
        }
    }
    if is_all {
        return Ok(());
    }
    scope.write(|tx| async move { silence::look_again(&tx).await }).await
}

async fn put_to(
    tenant: TenantId,
    scope: &Scope,
    ending: &Ending<'_>,
    stop: &CancellationToken,
) -> Result<Left> {
    let (mut after, mut left) = (ending.begin(), Left::Rest);
    let mut missed = None;
    for _ in 0..MOST_PAGES {
        if stop.is_cancelled() {
            break;
        }
        let find = |tx: Tx| async move { ending.page(&tx, after).await };
        let Some(page) = scope.read(find).await? else {
            left = Left::All;
            break;
        };
        for (at, id) in page.fitting {
            let put = |tx: Tx| async move { ending.put(&tx, id).await };
            let Err(error) = Box::pin(scope.write(put)).await else { continue };
            tracing::warn!(task.name = "end silence", tenant.id = %tenant, about = show::conversation_id(id), error = %error, source = ?std::error::Error::source(&error), "what is due waits");
            if may_pass(&error) {
                missed = missed.or(Some(at));
            }
        }
        let Some(next) = page.next else {
            left = Left::Nothing;
            break;
        };
        after = next;
    }
    ending.note(scope, (after, left), missed).await
}

/// Whether it may go the next time.
fn may_pass(error: &Error) -> bool {
    error.code().is_transient() || error.code() == ErrorCode::Conflict
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

/// Silent conversations that stand one after the other.
struct Page {
    /// Those of them that it becomes of.
    fitting: Vec<Place>,
    /// The last of them, if there may be more.
    next: Option<Place>,
}

/// What becomes of which.
struct Ending<'a> {
    end: End,
    span: Span,
    now: DateTime<Utc>,
    settings: &'a silence_settings::Model,
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

    /// After which one the look before had no time any more.
    fn place(&self) -> Option<Place> {
        match self.end {
            End::Remind => None,
            End::Resolve => self.settings.resolve_place(),
            End::Archive => self.settings.archive_place(),
        }
    }

    fn begin(&self) -> Place {
        self.place().unwrap_or((self.span.from, Uuid::nil()))
    }

    /// Those after that one; none: something else is to become of them by now.
    async fn page(&self, tx: &Tx, after: Place) -> Result<Option<Page>> {
        if !silence::get(tx).await?.wants_the_same(self.settings) {
            return Ok(None);
        }
        let like = if self.end == End::Archive { UNARCHIVED } else { UNRESOLVED };
        let found = silence::silent(tx, like, self.by(), after, self.span.until, A_PAGE).await?;
        let place = |row: &conversation::Model| (self.at(row), row.id);
        let is_full = u64::try_from(found.len()).is_ok_and(|count| count >= A_PAGE);
        let next = found.last().filter(|_| is_full).map(place);
        let last = match self.end {
            End::Archive => HashMap::new(),
            End::Remind | End::Resolve => {
                let ids: Vec<Uuid> = found.iter().map(|row| row.id).collect();
                silence::last_said(tx, &ids, self.by_itself()).await?
            }
        };
        let fitting = found.iter().filter(|row| self.fits(row, last.get(&row.id))).map(place).collect();
        Ok(Some(Page { fitting, next }))
    }

    /// Whether what was said by itself is something that was said.
    fn by_itself(&self) -> bool {
        self.end == End::Remind
    }

    /// Whether it becomes of one in which that was said last.
    fn fits(&self, row: &conversation::Model, last: Option<&Last>) -> bool {
        let status: Option<Status> = row.status.parse().ok();
        let is_unresolved =
            matches!(status, Some(Status::Open | Status::Pending)) && row.waiting_since.is_none();
        match self.end {
            End::Remind => {
                is_unresolved && last.is_some_and(Last::waits_for_an_answer) && self.may_be_written_to(row)
            }
            End::Resolve => is_unresolved && last.is_none_or(Last::has_arrived),
            End::Archive => {
                row.archived_at.is_none() && matches!(status, Some(Status::Resolved | Status::Closed))
            }
        }
    }

    fn may_be_written_to(&self, row: &conversation::Model) -> bool {
        let can = self.kinds.get(&row.channel_kind);
        let window = Window::for_writer(row, can, self.now, AuthorKind::System);
        row.contact_wrote_at.is_some() && reply::refusal(row, &window, false).is_none()
    }

    async fn put(&self, tx: &Tx, id: Uuid) -> Result<()> {
        let before = conversations::advance(tx, id, 0).await?;
        let last = messages::newest_said(tx, id, self.by_itself()).await?.map(Last::from);
        // somebody may have been here meanwhile
        if !self.span.has(self.at(&before)) || !self.fits(&before, last.as_ref()) {
            return Ok(());
        }
        let mut row = before.clone();
        match self.end {
            End::Remind => return self.remind(tx, id).await,
            End::Resolve => row.become_status(Status::Resolved),
            End::Archive => row.archived_at = Some(tx.now()),
        }
        row.updated_at = tx.now();
        conversations::save(tx, &row).await?;
        conversation_changes::note_one(tx, &before.status, &row).await?;
        let surroundings = Surroundings::load(tx, std::slice::from_ref(&row)).await?;
        events::conversation_updated(tx, &row, &surroundings)
    }

    async fn remind(&self, tx: &Tx, id: Uuid) -> Result<()> {
        match Box::pin(send_automatic_message::write(tx, id, &self.settings.reminder, self.kinds)).await {
            // the channel, or the contact, takes none
            Err(error) if error.code() == ErrorCode::Precondition => {
                tracing::debug!(conversation.id = %id, error = %error, "nobody is reminded");
                Ok(())
            }
            written => written.map(drop),
        }
    }

    /// Notes how far it came, and since when those are silent that were missed in passing.
    async fn note(
        &self,
        scope: &Scope,
        (after, left): (Place, Left),
        missed: Option<DateTime<Utc>>,
    ) -> Result<Left> {
        if self.end == End::Remind {
            // each is tried once: what cannot go now does not go in ten minutes either, unless it failed in passing
            let reached = if left == Left::Nothing { self.span.until } else { after.0 };
            let until = missed.unwrap_or(reached);
            scope.write(|tx| async move { silence::note_reminded(&tx, until).await }).await?;
            // what failed goes better in a while than at once
            return Ok(if missed.is_some() && left == Left::Rest { Left::Nothing } else { left });
        }
        let place = (left == Left::Rest).then_some(after);
        if left == Left::All || place == self.place() {
            return Ok(left);
        }
        let note = |tx: Tx| async move {
            match self.end {
                End::Archive => silence::note_archived(&tx, place).await,
                End::Remind | End::Resolve => silence::note_resolved(&tx, place).await,
            }
        };
        scope.write(note).await?;
        Ok(left)
    }
}
