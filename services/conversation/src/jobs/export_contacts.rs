//! Contacts are written into files, from beginning to end by one worker: a file that broke off was never there, and is written anew.
//! Once there is one, only what is left to do is tried again. What gets on no more ends after so many attempts. After a week the file
//! goes, and what was stored for one that failed goes at once: that is tried until it is done.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, TimeDelta, Utc};
use futures::{Stream, stream};
use tonic::Request;
use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result, TenantId, id};
use weft_proto::media::v1::{
    HoldFilesRequest, ReleaseFilesRequest, StoreFileEnd, StoreFileHead, StoreFilePart, store_file_part::Part,
};
use weft_rpc::REPLAYED;
use weft_store::{Scope, Tx, page};

use crate::{
    Context,
    contact_file::{PATIENCE, Source, answered},
    contact_rows::{self, FIELD},
    csv_rows::{self, Rows, line},
    custom_fields::Of,
    events, show,
    store::{
        contact_files::{self, LEASE, MOST_ATTEMPTS, wait_after},
        contact_lists::{self, Narrow},
        contacts, custom_fields,
        due::{self, Due},
        entity::{contact, contact_export, contact_identity, custom_field},
    },
};

/// So many contacts are read at a time.
const A_PAGE: u64 = 500;
/// It is told of so often at most.
const TELL_EVERY: TimeDelta = TimeDelta::seconds(1);
/// How long the file stays.
const KEPT: TimeDelta = TimeDelta::days(7);
/// The columns before those of custom fields.
const COLUMNS: [&str; 9] =
    ["id", "name", "email", "phone", "language", "tags", "channels", "blocked", "created_at"];

/// Goes on with every export that nobody has in hand, and has files go whose time is over. One query when there is none.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let found = due::find(&context.store, due::EXPORTS).await?;
    let whose = |one: &Due| (one.tenant_id, show::export_id(one.id));
    let go_on = |one: Due| go_on(context, id::from_uuid(one.tenant_id), one.id);
    super::each("write contacts into files", found, whose, go_on).await;
    Ok(())
}

async fn go_on(context: &Context, tenant: TenantId, id: Uuid) -> Result<()> {
    let (scope, worker) = (context.store.tenant(tenant), Uuid::now_v7());
    let Some(row) = scope.write(|tx| async move { take_up(&tx, id, worker).await }).await? else {
        return Ok(());
    };
    let worked = match row.state.as_str() {
        "running" => make(context, &scope, tenant, &row).await,
        _ => let_go(context, &scope, tenant, id).await,
    };
    let Err(error) = worked else { return Ok(()) };
    let (whose, reason) = ((id, worker), error.message());
    if row.state == "running" && is_for_good(&error) {
        return scope.write(|tx| async move { end(&tx, whose, Err(reason)).await }).await;
    }
    scope.write(|tx| async move { put_off(&tx, whose, reason).await }).await?;
    Err(error)
}

/// Takes an export in hand. One whose workers were all lost ends here.
async fn take_up(tx: &Tx, id: Uuid, worker: Uuid) -> Result<Option<contact_export::Model>> {
    let row = contact_files::take_export(tx, id).await?;
    let Some(mut row) = row.filter(|row| row.due_at.is_some_and(|due| due <= tx.now())) else {
        return Ok(None);
    };
    if row.state == "running" {
        if attempts(&row) >= MOST_ATTEMPTS {
            let words = format!("the file could not be written in {MOST_ATTEMPTS} attempts");
            close(tx, row, Err(&words)).await?;
            return Ok(None);
        }
        row.row_count = 0;
    }
    row.attempts = row.attempts.saturating_add(1);
    row.worker = Some(worker);
    row.due_at = Some(tx.now() + LEASE);
    contact_files::save_export(tx, &row).await?;
    Ok(Some(row))
}

async fn in_hand(tx: &Tx, id: Uuid, worker: Uuid) -> Result<Option<contact_export::Model>> {
    Ok(contact_files::take_export(tx, id).await?.filter(|row| row.worker == Some(worker)))
}

fn attempts(row: &contact_export::Model) -> u32 {
    u32::try_from(row.attempts).unwrap_or_default()
}

/// Lets go of an export for a while, or for good where it was tried often enough. A file that is to go is never given up.
async fn put_off(tx: &Tx, (id, worker): (Uuid, Uuid), reason: &str) -> Result<()> {
    let Some(mut row) = in_hand(tx, id, worker).await? else { return Ok(()) };
    if row.state == "running" && attempts(&row) >= MOST_ATTEMPTS {
        return close(tx, row, Err(reason)).await;
    }
    row.worker = None;
    row.due_at = Some(tx.now() + wait_after(attempts(&row)));
    contact_files::save_export(tx, &row).await
}

/// Notes how an export ended that this worker still has in hand.
async fn end(tx: &Tx, (id, worker): (Uuid, Uuid), ended: Result<(Uuid, i64), &str>) -> Result<()> {
    match in_hand(tx, id, worker).await? {
        Some(row) => close(tx, row, ended).await,
        None => Ok(()),
    }
}

/// Notes how an export ended: with a file of so many rows, or why it could not be.
async fn close(tx: &Tx, mut row: contact_export::Model, ended: Result<(Uuid, i64), &str>) -> Result<()> {
    match ended {
        Ok((file, rows)) => {
            "done".clone_into(&mut row.state);
            row.file_id = Some(file);
            row.row_count = rows;
            row.due_at = Some(tx.now() + KEPT);
        }
        Err(reason) => {
            "failed".clone_into(&mut row.state);
            reason.clone_into(&mut row.reason);
            // a file may be held for it already
            row.due_at = Some(tx.now());
        }
    }
    row.attempts = 0;
    row.worker = None;
    row.ended_at = Some(tx.now());
    contact_files::save_export(tx, &row).await?;
    events::contact_export_updated(tx, &row)
}

/// The file's week is over, or there is to be none.
async fn let_go(context: &Context, scope: &Scope, tenant: TenantId, id: Uuid) -> Result<()> {
    let release =
        ReleaseFilesRequest { tenant_id: tenant.to_string(), ids: Vec::new(), holder: show::export_id(id) };
    let answer = context.files.clone().release_files(Request::new(release)).await;
    answer.map_err(|status| answered(&status))?;
    let note = |tx: Tx| async move {
        let Some(mut row) = contact_files::take_export(&tx, id).await? else { return Ok(()) };
        let had_file = row.file_id.take().is_some();
        row.due_at = None;
        row.worker = None;
        contact_files::save_export(&tx, &row).await?;
        if had_file { events::contact_export_updated(&tx, &row) } else { Ok(()) }
    };
    scope.write(note).await
}

/// A file of contacts that `media` has.
struct Stored {
    file: String,
    /// How many contacts are in it; none: an earlier worker stored it.
    rows: Option<i64>,
}

/// Writes a file, and notes that it is there.
async fn make(context: &Context, scope: &Scope, tenant: TenantId, row: &contact_export::Model) -> Result<()> {
    let stored = Box::pin(write(context, scope, tenant, row)).await?;
    keep(context, scope, tenant, row, stored).await
}

async fn write(
    context: &Context,
    scope: &Scope,
    tenant: TenantId,
    row: &contact_export::Model,
) -> Result<Stored> {
    let known = |tx: Tx| async move { custom_fields::all(&tx, Some(&Of::Contact.to_string())).await };
    let progress = Arc::new(Progress::default());
    let writer = Writer {
        scope: scope.clone(),
        fields: scope.read(known).await?,
        progress: progress.clone(),
        after: None,
        told_at: row.created_at,
        size: 0,
        parts: VecDeque::new(),
        is_over: false,
        row: row.clone(),
    };
    let mut request = Request::new(writer.parts(tenant)?);
    request.set_timeout(PATIENCE);
    let stored = match context.files.clone().store_file(request).await {
        Ok(stored) => stored,
        Err(status) => {
            let failed = progress.failed.lock().unwrap_or_else(PoisonError::into_inner).take();
            return Err(failed.unwrap_or_else(|| answered(&status)));
        }
    };
    let is_earlier = stored.metadata().contains_key(REPLAYED);
    let rows = (!is_earlier).then(|| progress.rows.load(Ordering::Relaxed));
    Ok(Stored { file: stored.into_inner().id, rows })
}

/// Notes that a file is there, for whoever began the export.
async fn keep(
    context: &Context,
    scope: &Scope,
    tenant: TenantId,
    row: &contact_export::Model,
    stored: Stored,
) -> Result<()> {
    let hold = HoldFilesRequest {
        tenant_id: tenant.to_string(),
        ids: vec![stored.file.clone()],
        holder: show::export_id(row.id),
    };
    let held = context.files.clone().hold_files(Request::new(hold)).await;
    held.map_err(|status| answered(&status))?;
    let file = id::parse::<id::File>("file_id", &stored.file)?.uuid();
    let rows = match stored.rows {
        Some(rows) => rows,
        None => Box::pin(count_rows(context, tenant, file)).await?,
    };
    let whose = (row.id, row.worker.unwrap_or_default());
    scope.write(|tx| async move { end(&tx, whose, Ok((file, rows))).await }).await
}

/// How many contacts are in a file.
async fn count_rows(context: &Context, tenant: TenantId, file: Uuid) -> Result<i64> {
    let mut source = Source::open(context, tenant, file, 0).await?;
    let (mut rows, mut all) = (Rows::at(b',', 0, 0), 0);
    while let Some(piece) = source.next().await? {
        rows.push(&piece);
        all += rows.take(false)?.len();
    }
    all += rows.take(true)?.len();
    // one of them is the heading
    contact_files::count(all.saturating_sub(1))
}

/// How far a file is, and why it broke off.
#[derive(Default)]
struct Progress {
    rows: AtomicI64,
    failed: Mutex<Option<Error>>,
}

/// Makes a file of contacts, page by page.
struct Writer {
    scope: Scope,
    row: contact_export::Model,
    fields: Vec<custom_field::Model>,
    progress: Arc<Progress>,
    after: Option<(DateTime<Utc>, Uuid)>,
    told_at: DateTime<Utc>,
    size: u64,
    parts: VecDeque<Part>,
    is_over: bool,
}

impl Writer {
    /// The file as `media` takes it. Where it breaks off there is no last part, so that nothing is kept of it.
    fn parts(mut self, tenant: TenantId) -> Result<impl Stream<Item = StoreFilePart> + Send + 'static> {
        let head = StoreFileHead {
            tenant_id: tenant.to_string(),
            name: format!("contacts-{}.csv", self.row.created_at.format("%Y-%m-%d")),
            declared_mime: "text/csv".to_owned(),
            key: show::export_id(self.row.id),
            accept: Vec::new(),
        };
        let columns = COLUMNS.iter().map(|column| (*column).to_owned());
        let fields = self.fields.iter().map(|field| format!("{FIELD}{}", field.key));
        let heading = line(&columns.chain(fields).collect::<Vec<_>>())?;
        self.parts.push_back(Part::Head(head));
        self.add([csv_rows::BOM.to_vec(), heading].concat());
        Ok(stream::unfold(self, |mut writer| async move {
            if writer.parts.is_empty()
                && !writer.is_over
                && let Err(error) = Box::pin(writer.go_on()).await
            {
                *writer.progress.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                writer.is_over = true;
            }
            let part = writer.parts.pop_front()?;
            Some((StoreFilePart { part: Some(part) }, writer))
        }))
    }

    fn add(&mut self, bytes: Vec<u8>) {
        self.size += u64::try_from(bytes.len()).unwrap_or_default();
        self.parts.push_back(Part::Data(bytes.into()));
    }

    /// Adds the next contacts, or the end.
    async fn go_on(&mut self) -> Result<()> {
        let (narrow, after) = (&Narrow { tag: self.row.tag.clone(), blocked: None }, self.after);
        let read = |tx: Tx| async move {
            let rows = contact_lists::page(&tx, narrow, after, A_PAGE).await?;
            let (rows, next) = page::cut(rows, A_PAGE, |row| (row.created_at, row.id))?;
            let identities = contacts::identities(&tx, rows.iter().map(|row| row.id).collect()).await?;
            Ok((rows, identities, next.is_empty(), tx.now()))
        };
        let (rows, identities, is_last, now) = self.scope.read(read).await?;
        let mut bytes = Vec::new();
        // a group is no person: nobody could take it from the file
        let people: Vec<&contact::Model> = rows.iter().filter(|row| !row.is_group).collect();
        for row in &people {
            bytes.extend(line(&self.cells(row, &identities))?);
        }
        self.after = rows.last().map(|row| (row.created_at, row.id));
        let count = contact_files::count(people.len())?;
        let rows = self.progress.rows.fetch_add(count, Ordering::Relaxed) + count;
        if !bytes.is_empty() {
            self.add(bytes);
        }
        if now - self.told_at >= TELL_EVERY {
            self.told_at = now;
            self.tell(rows).await?;
        }
        if is_last {
            self.is_over = true;
            self.parts.push_back(Part::End(StoreFileEnd { size: self.size }));
        } else if self.parts.is_empty() {
            self.add(Vec::new());
        }
        Ok(())
    }

    fn cells(&self, row: &contact::Model, identities: &[contact_identity::Model]) -> Vec<String> {
        let optional = |text: &Option<String>| text.clone().unwrap_or_default();
        let theirs = identities.iter().filter(|identity| identity.contact_id == row.id);
        let mut channels: Vec<String> = theirs.map(|identity| identity.channel_kind.clone()).collect();
        channels.sort_unstable();
        channels.dedup();
        let fields = self.fields.iter().map(|field| contact_rows::cell(&row.fields, &field.key));
        let mut cells = vec![
            show::contact_id(row.id),
            row.name.clone(),
            optional(&row.email),
            optional(&row.phone),
            optional(&row.language),
            csv_rows::join(&row.tags.0),
            csv_rows::join(&channels),
            row.blocked_at.is_some().to_string(),
            row.created_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        ];
        cells.extend(fields);
        cells
    }

    /// Tells how far it is, and that somebody works at it.
    async fn tell(&self, rows: i64) -> Result<()> {
        let (id, worker) = (self.row.id, self.row.worker.unwrap_or_default());
        let tell = |tx: Tx| async move {
            let Some(mut row) = in_hand(&tx, id, worker).await? else {
                return Err(Error::conflict("conflict", "somebody else writes this file by now"));
            };
            row.row_count = rows;
            row.due_at = Some(tx.now() + LEASE);
            contact_files::save_export(&tx, &row).await?;
            events::contact_export_updated(&tx, &row)
        };
        self.scope.write(tell).await
    }
}

/// What trying again does not change.
fn is_for_good(error: &Error) -> bool {
    use ErrorCode::{Forbidden, Internal, Invalid, Precondition, TooLarge};
    matches!(error.code(), Forbidden | Internal | Invalid | Precondition | TooLarge)
}
