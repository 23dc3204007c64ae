use std::{ffi::OsStr, path::Path};

use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt as _;
use tokio::fs::{self, DirEntry};
use uuid::Uuid;
use weft_domain::{Error, Result, TenantId};

use crate::app::{Media, collect, upload};

/// No upload and no transaction takes this long.
const AGE: TimeDelta = TimeDelta::hours(24);
const BATCH: usize = 500;

/// Removes what a crash left behind: half-written bytes, and bytes whose row was never committed or is gone.
pub(crate) async fn run(media: &Media) -> Result<()> {
    upload::end_expired(media).await?;
    let old = media.clock.now() - AGE;
    let mut all = media.blobs.list();
    let mut waiting: Option<(TenantId, Vec<Uuid>)> = None;
    while let Some(found) = all.try_next().await? {
        if found.changed_at > old {
            continue;
        }
        match &mut waiting {
            Some((tenant, locations)) if *tenant == found.tenant && locations.len() < BATCH => {
                locations.push(found.location);
            }
            _ => {
                let full = waiting.replace((found.tenant, vec![found.location]));
                sweep(media, full).await?;
            }
        }
    }
    sweep(media, waiting).await?;
    match media.blobs.folder() {
        Some(folder) => remove_unfinished(folder, old).await,
        // a rule of the bucket aborts uploads that nobody finished
        None => Ok(()),
    }
}

async fn sweep(media: &Media, batch: Option<(TenantId, Vec<Uuid>)>) -> Result<()> {
    match batch {
        Some((tenant, locations)) => collect::run(media, tenant, locations).await,
        None => Ok(()),
    }
}

/// While bytes are written to a disk, they are called `<location>#<number>`.
async fn remove_unfinished(folder: &Path, old: DateTime<Utc>) -> Result<()> {
    let mut tenants = fs::read_dir(folder).await.map_err(Error::internal)?;
    while let Some(tenant) = tenants.next_entry().await.map_err(Error::internal)? {
        if !is_uuid(&tenant.file_name()) {
            continue;
        }
        let mut files = fs::read_dir(tenant.path()).await.map_err(Error::internal)?;
        while let Some(entry) = files.next_entry().await.map_err(Error::internal)? {
            if is_unfinished(&entry) && changed_at(&entry).await.is_some_and(|at| at <= old) {
                fs::remove_file(entry.path()).await.map_err(Error::internal)?;
            }
        }
    }
    Ok(())
}

fn is_unfinished(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    let stem = name.to_str().and_then(|text| text.split_once('#')).map(|(stem, _)| stem);
    stem.is_some_and(|stem| is_uuid(OsStr::new(stem)))
}

async fn changed_at(entry: &DirEntry) -> Option<DateTime<Utc>> {
    let about = entry.metadata().await.ok()?;
    about.modified().ok().map(DateTime::from)
}

fn is_uuid(name: &OsStr) -> bool {
    name.to_str().is_some_and(|text| Uuid::try_parse(text).is_ok())
}
