use std::{ffi::OsStr, path::Path};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::fs::{self, DirEntry};
use uuid::Uuid;
use weft_domain::{Error, Result, id};

use crate::{app::Media, store::file};

/// No upload and no transaction takes this long.
const AGE: TimeDelta = TimeDelta::hours(24);
const BATCH: usize = 500;

/// Removes what a crash left behind: half-written files, and files whose row was never committed.
pub(crate) async fn run(media: &Media) -> Result<()> {
    let old = media.clock.now() - AGE;
    let mut tenants = fs::read_dir(media.blobs.folder()).await.map_err(Error::internal)?;
    while let Some(folder) = tenants.next_entry().await.map_err(Error::internal)? {
        if let Some(tenant) = uuid_of(&folder.file_name()) {
            sweep_tenant(media, tenant, &folder.path(), old).await?;
        }
    }
    Ok(())
}

async fn sweep_tenant(media: &Media, tenant: Uuid, folder: &Path, old: DateTime<Utc>) -> Result<()> {
    let mut files = fs::read_dir(folder).await.map_err(Error::internal)?;
    let mut ids = Vec::new();
    while let Some(entry) = files.next_entry().await.map_err(Error::internal)? {
        if changed_at(&entry).await.is_none_or(|at| at > old) {
            continue;
        }
        match uuid_of(&entry.file_name()) {
            Some(id) => ids.push(id),
            None => remove_unfinished(&entry).await?,
        }
        if ids.len() == BATCH {
            sweep_files(media, tenant, std::mem::take(&mut ids)).await?;
        }
    }
    sweep_files(media, tenant, ids).await
}

async fn sweep_files(media: &Media, tenant: Uuid, ids: Vec<Uuid>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let (scope, asked) = (media.store.tenant(id::from_uuid(tenant)), ids.clone());
    let rows = scope.read(|tx| async move { file::find_all(&tx, asked).await }).await?;
    for id in ids.into_iter().filter(|id| rows.iter().all(|row| row.id != *id)) {
        media.blobs.remove(tenant, id).await?;
        tracing::info!(tenant.id = %tenant, file.id = %id, "a file without a row removed");
    }
    Ok(())
}

/// While it is written, a file is called `<file>#<number>`.
async fn remove_unfinished(entry: &DirEntry) -> Result<()> {
    let name = entry.file_name();
    let is_ours = name
        .to_str()
        .and_then(|text| text.split_once('#'))
        .is_some_and(|(stem, _)| uuid_of(OsStr::new(stem)).is_some());
    if is_ours { fs::remove_file(entry.path()).await.map_err(Error::internal) } else { Ok(()) }
}

async fn changed_at(entry: &DirEntry) -> Option<DateTime<Utc>> {
    let about = entry.metadata().await.ok()?;
    about.modified().ok().map(DateTime::from)
}

fn uuid_of(name: &OsStr) -> Option<Uuid> {
    name.to_str().and_then(|text| Uuid::try_parse(text).ok())
}
