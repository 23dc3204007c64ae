//! Contacts are taken from files, some rows at a time. Where an import is, its row says, in the transaction that took the rows: it
//! goes on there after whatever happened, and a worker that has lost it to another one takes no further row. What gets on no more
//! ends after so many attempts.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use futures::FutureExt;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result, TenantId, id};
use weft_store::{Scope, Tx};

use crate::{
    Context,
    app::take_contact_rows::{self, Imagined},
    contact_file::Source,
    contact_rows,
    csv_rows::{self, Heading, Row, Rows, unreadable},
    custom_fields::Of,
    events, show,
    store::{
        contact_files::{self, LEASE, Layout, MOST_ATTEMPTS, MOST_ERRORS, count, wait_after},
        custom_fields,
        due::{self, Due, Times},
        entity::{contact_import, contact_import_error},
    },
};

/// So many rows are taken in one transaction.
const A_STEP: usize = 200;
/// So many rows of one file are taken.
const MOST_ROWS: i64 = 200_000;
/// How long one import is worked at before the next one has its turn.
const TURN: Duration = Duration::from_secs(5);
/// So many dry runs go on beside each other.
pub(crate) const DRY_RUNS_AT_ONCE: usize = 2;
/// It is told of so often at most.
const TELL_EVERY: TimeDelta = TimeDelta::seconds(1);

/// A worker, and what it works at.
#[derive(Clone)]
struct Work {
    scope: Scope,
    tenant: TenantId,
    id: Uuid,
    worker: Uuid,
}

/// Goes on with every import that nobody has in hand. One query when there is none.
pub(crate) async fn run(context: &Context, stop: &CancellationToken) -> Result<()> {
    go_on_with_all(context, stop, due::IMPORTS).await
}

/// The same with dry runs, each to its end: as none can give up its turn, they have workers of their own and hold up no import
/// that writes.
pub(crate) async fn run_dry(context: &Context, stop: &CancellationToken) -> Result<()> {
    go_on_with_all(context, stop, due::DRY_RUNS).await
}

async fn go_on_with_all(context: &Context, stop: &CancellationToken, which: Times) -> Result<()> {
    let found = due::find(&context.store, which).await?;
    let whose = |one: &Due| (one.tenant_id, show::import_id(one.id));
    let go_on = |one: Due| go_on(context, stop, one);
    super::each("take contacts from files", found, whose, go_on).await;
    Ok(())
}

async fn go_on(context: &Context, stop: &CancellationToken, due: Due) -> Result<()> {
    let (tenant, id, worker) = (id::from_uuid(due.tenant_id), due.id, Uuid::now_v7());
    let work = Work { scope: context.store.tenant(tenant), tenant, id, worker };
    let Some(row) = work.scope.write(move |tx| async move { take_up(&tx, id, worker).await }).await? else {
        return Ok(());
    };
    match work.go_on(context, stop, row).boxed().await {
        Ok(()) => Ok(()),
        Err(error) if error.reason() == "invalid_csv" || error.code() == ErrorCode::Internal => {
            work.end("failed", error.message().to_owned()).await
        }
        Err(error) => {
            work.break_off(error.message().to_owned()).await?;
            Err(error)
        }
    }
}

/// Takes an import in hand. What a dry run has seen is in nobody's memory but its worker's: another one begins anew. One whose
/// workers were all lost ends here.
async fn take_up(tx: &Tx, id: Uuid, worker: Uuid) -> Result<Option<contact_import::Model>> {
    let row = contact_files::take_import(tx, id).await?;
    let Some(mut row) = row.filter(|row| row.state == "running" && row.due_at <= tx.now()) else {
        return Ok(None);
    };
    let mut reading = row.layout.take().unwrap_or_default();
    if reading.attempts >= MOST_ATTEMPTS {
        let words = format!("the file could not be read to its end in {MOST_ATTEMPTS} attempts");
        row.layout = Some(reading);
        end(tx, &mut row, "failed", words).await?;
        return Ok(None);
    }
    if row.dry_run && row.row_number > 0 {
        contact_files::forget_errors(tx, id).await?;
        reading.layout = None;
        (row.row_number, row.row_count, row.created_count) = (0, 0, 0);
        (row.updated_count, row.failed_count, row.position) = (0, 0, 0);
    }
    reading.attempts += 1;
    row.layout = Some(reading);
    row.worker = Some(worker);
    row.due_at = tx.now() + LEASE;
    contact_files::save_import(tx, &row).await?;
    Ok(Some(row))
}

/// An import that this worker still has in hand.
async fn in_hand(tx: &Tx, id: Uuid, worker: Uuid) -> Result<Option<contact_import::Model>> {
    let row = contact_files::take_import(tx, id).await?;
    Ok(row.filter(|row| row.state == "running" && row.worker == Some(worker)))
}

impl Work {
    async fn go_on(
        &self,
        context: &Context,
        stop: &CancellationToken,
        mut row: contact_import::Model,
    ) -> Result<()> {
        let from = u64::try_from(row.position).map_err(Error::internal)?;
        let mut source = Source::open(context, self.tenant, row.file_id, from).await?;
        let (mut is_end, mut first) = (false, Vec::new());
        let layout = match layout_of(&row) {
            Some(layout) => layout,
            None => {
                while !is_end && first.len() < csv_rows::LONGEST_SEARCH {
                    match source.next().await? {
                        Some(piece) => first.extend(piece),
                        None => is_end = true,
                    }
                }
                let Some(read) = self.read_heading(&first, is_end).await? else { return Ok(()) };
                row = read;
                let layout = layout_of(&row).ok_or_else(|| Error::internal("a layout was not kept"))?;
                first.drain(..usize::try_from(layout.start).map_err(Error::internal)?.min(first.len()));
                layout
            }
        };
        let place = u64::try_from(row.position).map_err(Error::internal)?;
        let number = u64::try_from(row.row_number).map_err(Error::internal)?;
        let mut rows = Rows::at(layout.delimiter, place, number);
        rows.push(&first);
        let turn = if row.dry_run { Duration::MAX } else { TURN };
        self.take_all((stop, turn), &Arc::new(layout), (source, rows), is_end).await
    }

    /// Notes how the file is laid out.
    async fn read_heading(&self, first: &[u8], is_end: bool) -> Result<Option<contact_import::Model>> {
        let heading = csv_rows::heading(first, is_end)?;
        let (id, worker) = (self.id, self.worker);
        let note = move |tx: Tx| {
            let Heading { delimiter, columns, number, end } = heading.clone();
            async move {
                let Some(mut row) = in_hand(&tx, id, worker).await? else { return Ok(None) };
                let known = custom_fields::all(&tx, Some(&Of::Contact.to_string())).await?;
                let columns = contact_rows::columns(columns, &row.columns, &known)?;
                let reading = row.layout.get_or_insert_default();
                reading.layout = Some(Layout { delimiter, start: end, columns });
                row.position = count(end)?;
                row.row_number = count(number)?;
                contact_files::save_import(&tx, &row).await?;
                Ok(Some(row))
            }
        };
        self.scope.write(note).await
    }

    /// Takes rows to the end of the file, or until it is somebody else's turn.
    async fn take_all(
        &self,
        (stop, turn): (&CancellationToken, Duration),
        layout: &Arc<Layout>,
        (mut source, mut rows): (Source, Rows),
        mut is_end: bool,
    ) -> Result<()> {
        let began = Instant::now();
        let mut imagined = Arc::new(Imagined::new());
        loop {
            while !is_end && !rows.is_full() {
                match source.next().await? {
                    Some(piece) => rows.push(&piece),
                    None => is_end = true,
                }
            }
            let mut rest = rows.take(is_end)?;
            while !rest.is_empty() {
                let after = rest.split_off(rest.len().min(A_STEP));
                let step = Arc::new(std::mem::replace(&mut rest, after));
                let Some(row) = self.take_careful(layout, step, &mut imagined).await? else { return Ok(()) };
                if row.row_count > MOST_ROWS {
                    return Err(unreadable(format!(
                        "the file has more than {MOST_ROWS} rows; take it in parts"
                    )));
                }
                if stop.is_cancelled() || began.elapsed() > turn {
                    return self.let_go().await;
                }
            }
            if is_end {
                return self.end("done", String::new()).await;
            }
        }
    }

    /// Takes some rows; where that cannot be for a reason that nobody foresaw, each by itself, so that one harms no other.
    async fn take_careful(
        &self,
        layout: &Arc<Layout>,
        rows: Arc<Vec<Row>>,
        imagined: &mut Arc<Imagined>,
    ) -> Result<Option<contact_import::Model>> {
        match self.take(layout, rows.clone(), imagined).await {
            Err(error) if is_for_good(&error) => {}
            other => return other,
        }
        let mut last = None;
        for row in rows.iter().cloned() {
            last = match self.take(layout, Arc::new(vec![row.clone()]), imagined).await {
                Err(error) if is_for_good(&error) => self.leave_out(row, &error).await?,
                other => other?,
            };
            if last.is_none() {
                break;
            }
        }
        Ok(last)
    }

    async fn take(
        &self,
        layout: &Arc<Layout>,
        rows: Arc<Vec<Row>>,
        imagined: &mut Arc<Imagined>,
    ) -> Result<Option<contact_import::Model>> {
        let (id, worker, layout, known) = (self.id, self.worker, layout.clone(), imagined.clone());
        let take = move |tx: Tx| {
            let (layout, rows, known) = (layout.clone(), rows.clone(), known.clone());
            async move {
                let Some(mut row) = in_hand(&tx, id, worker).await? else { return Ok(None) };
                let taken = take_contact_rows::run(&tx, &row, &layout, &rows, &known).boxed().await?;
                row.created_count += taken.created;
                row.updated_count += taken.updated;
                go_past(&tx, &mut row, &rows, taken.errors).await?;
                Ok(Some((row, taken.imagined)))
            }
        };
        let Some((row, new)) = self.scope.write(take).await? else { return Ok(None) };
        Arc::make_mut(imagined).extend(new);
        Ok(Some(row))
    }

    /// Tells of a row that cannot be taken, for a reason that nobody foresaw.
    async fn leave_out(&self, row: Row, error: &Error) -> Result<Option<contact_import::Model>> {
        tracing::warn!(tenant.id = %self.tenant, import.id = %self.id, row = row.number, error = %error, source = ?std::error::Error::source(error), "a row of a file cannot be taken");
        let refused = contact_import_error::Model {
            tenant_id: self.tenant.uuid(),
            import_id: self.id,
            row_number: count(row.number)?,
            heading: String::new(),
            reason: error.reason().to_owned(),
            message: error.message().to_owned(),
        };
        let (id, worker) = (self.id, self.worker);
        let leave_out = move |tx: Tx| {
            let (rows, refused) = (vec![row.clone()], refused.clone());
            async move {
                let Some(mut import) = in_hand(&tx, id, worker).await? else { return Ok(None) };
                go_past(&tx, &mut import, &rows, vec![refused]).await?;
                Ok(Some(import))
            }
        };
        self.scope.write(leave_out).await
    }

    async fn end(&self, state: &'static str, reason: String) -> Result<()> {
        let (id, worker) = (self.id, self.worker);
        let note = move |tx: Tx| {
            let reason = reason.clone();
            async move {
                let Some(mut row) = in_hand(&tx, id, worker).await? else { return Ok(()) };
                end(&tx, &mut row, state, reason).await
            }
        };
        self.scope.write(note).await
    }

    /// Lets go of the import for a while, or for good where it was tried often enough.
    async fn break_off(&self, reason: String) -> Result<()> {
        let (id, worker) = (self.id, self.worker);
        let break_off = move |tx: Tx| {
            let reason = reason.clone();
            async move {
                let Some(mut row) = in_hand(&tx, id, worker).await? else { return Ok(()) };
                let attempts = row.layout.as_ref().map_or(0, |reading| reading.attempts);
                if attempts >= MOST_ATTEMPTS {
                    return end(&tx, &mut row, "failed", reason).await;
                }
                row.worker = None;
                row.due_at = tx.now() + wait_after(attempts);
                contact_files::save_import(&tx, &row).await
            }
        };
        self.scope.write(break_off).await
    }

    /// Lets go of the import: whoever comes first goes on.
    async fn let_go(&self) -> Result<()> {
        let (id, worker) = (self.id, self.worker);
        let let_go = move |tx: Tx| async move {
            let Some(mut row) = in_hand(&tx, id, worker).await? else { return Ok(()) };
            row.worker = None;
            row.due_at = tx.now();
            contact_files::save_import(&tx, &row).await
        };
        self.scope.write(let_go).await
    }
}

fn layout_of(row: &contact_import::Model) -> Option<Layout> {
    row.layout.as_ref().and_then(|reading| reading.layout.clone())
}

async fn end(tx: &Tx, row: &mut contact_import::Model, state: &str, reason: String) -> Result<()> {
    state.clone_into(&mut row.state);
    row.reason = reason;
    row.worker = None;
    row.ended_at = Some(tx.now());
    contact_files::save_import(tx, row).await?;
    events::contact_import_updated(tx, row)
}

/// Notes that rows were taken, or could not be.
async fn go_past(
    tx: &Tx,
    row: &mut contact_import::Model,
    rows: &[Row],
    mut errors: Vec<contact_import_error::Model>,
) -> Result<()> {
    let room = MOST_ERRORS.saturating_sub(row.failed_count);
    row.failed_count += count(errors.len())?;
    errors.truncate(usize::try_from(room).unwrap_or_default());
    contact_files::add_errors(tx, errors).await?;
    row.row_count += count(rows.len())?;
    if let Some(last) = rows.last() {
        row.position = count(last.end)?;
        row.row_number = count(last.number)?;
    }
    if !row.dry_run {
        row.layout.get_or_insert_default().attempts = 0;
    }
    row.due_at = tx.now() + LEASE;
    if tx.now() - row.told_at >= TELL_EVERY {
        row.told_at = tx.now();
        events::contact_import_updated(tx, row)?;
    }
    contact_files::save_import(tx, row).await
}

/// What trying again does not change.
fn is_for_good(error: &Error) -> bool {
    use ErrorCode::{Forbidden, Internal, Invalid, NotFound, Precondition, TooLarge};
    matches!(error.code(), Forbidden | Internal | Invalid | NotFound | Precondition | TooLarge)
}
