use chrono::TimeDelta;
use uuid::Uuid;
use weft_domain::{Result, TenantId};
use weft_store::Tx;

use super::{Media, collect, tell};
use crate::{
    picture::Made,
    previews::Source,
    scanner::Verdict,
    store::{
        blob::{self, State},
        file, usage, variant, work,
    },
};

/// Longer than everything that is done with one file takes.
const LEASE: TimeDelta = TimeDelta::minutes(5);
const MOST_ATTEMPTS: i32 = 6;

/// Does what is still to be done with bytes, unless somebody else is at it.
pub(crate) async fn run(media: &Media, tenant: TenantId, sha256: &str) -> Result<()> {
    let scope = media.store.tenant(tenant);
    let claim = |tx: Tx| async move { work::claim(&tx, sha256, tx.now() + LEASE).await };
    let Some(blob) = scope.write(claim).await? else { return Ok(()) };
    let attempts = blob.attempts;
    let done = match blob.state() {
        State::Received => judge(media, tenant, &blob).await,
        State::Available => match pictures(media, tenant, &blob).await {
            Ok(made) => keep(media, tenant, &blob, made).await,
            Err(error) => Err(error),
        },
        State::Quarantined => Ok(()),
    };
    let Err(error) = done else { return Ok(()) };
    tracing::warn!(tenant.id = %tenant, error = %error, attempts, "a file waits to be looked into");
    // 10 s, 20 s, 40 s … 5 min. Who is not done looking never says that there is nothing (FL-4); a picture may stay away.
    let wait = TimeDelta::seconds((5_i64 << attempts.clamp(1, 10)).min(300));
    let again = (blob.state() == State::Received || attempts < MOST_ATTEMPTS).then_some(wait);
    let later = |tx: Tx| async move { work::again_at(&tx, sha256, again.map(|wait| tx.now() + wait)).await };
    scope.write(later).await
}

/// Has the scanner look into bytes. Nobody has to where there is none any more.
async fn judge(media: &Media, tenant: TenantId, blob: &blob::Model) -> Result<()> {
    let verdict = match &media.scanner {
        Some(scanner) => {
            let size = u64::try_from(blob.size).unwrap_or_default();
            scanner.scan(media.blobs.read(tenant, blob.location, 0..size).await?).await?
        }
        None => Verdict::Clean,
    };
    let (state, found) = match &verdict {
        Verdict::Clean => (State::Available, None),
        Verdict::Found(name) => (State::Quarantined, Some(name.as_str())),
    };
    if let Some(found) = found {
        tracing::warn!(tenant.id = %tenant, blob.sha256 = %blob.sha256, found, "a file is quarantined");
    }
    let sha256 = blob.sha256.as_str();
    let note = |tx: Tx| async move {
        // pictures are made of what is clean
        let due_at = found.is_none().then(|| tx.now());
        work::judged(&tx, sha256, state, found, due_at).await?;
        tell::updated(&tx, sha256).await
    };
    media.store.tenant(tenant).write(note).await?;
    media.come.notify_one();
    Ok(())
}

/// Pictures of what the bytes show; none when they show nothing that could be made out.
async fn pictures(media: &Media, tenant: TenantId, blob: &blob::Model) -> Result<Option<Made>> {
    let sha256 = blob.sha256.as_str();
    let files =
        media.store.tenant(tenant).read(|tx| async move { file::some_with(&tx, sha256).await }).await?;
    let source = files.first().and_then(|file| Source::of(&file.mime));
    let size = u64::try_from(blob.size).unwrap_or_default();
    match (&media.previews, source) {
        (Some(previews), Some(source)) if size <= previews.max_source_bytes() => {
            let bytes = media.blobs.read(tenant, blob.location, 0..size).await?;
            previews.make(source, bytes).await
        }
        _ => Ok(None),
    }
}

/// Keeps pictures: their bytes first, then what knows of them.
async fn keep(media: &Media, tenant: TenantId, blob: &blob::Model, made: Option<Made>) -> Result<()> {
    let size = made.as_ref().map(|made| (made.width, made.height));
    let mut rows = Vec::new();
    for picture in made.into_iter().flat_map(|made| made.pictures) {
        let location = Uuid::now_v7();
        let mut writer = media.blobs.write(tenant, location).await?;
        writer.append(&picture.bytes).await?;
        writer.finish().await?;
        rows.push(variant::Model {
            tenant_id: tenant.uuid(),
            sha256: blob.sha256.clone(),
            name: picture.variant.word().to_owned(),
            location,
            mime: picture.mime.to_owned(),
            size: i64::try_from(picture.bytes.len()).unwrap_or(i64::MAX),
            width: i32::try_from(picture.width).unwrap_or(i32::MAX),
            height: i32::try_from(picture.height).unwrap_or(i32::MAX),
        });
    }
    let (sha256, kept) = (blob.sha256.as_str(), &rows);
    let note = |tx: Tx| async move {
        if !work::done(&tx, sha256, size).await? {
            return Ok(());
        }
        let added = variant::add(&tx, kept).await?;
        if !added.is_empty() {
            usage::add(&tx, 0, added.iter().map(|row| row.size).sum()).await?;
        }
        if size.is_some() { tell::updated(&tx, sha256).await } else { Ok(()) }
    };
    media.store.tenant(tenant).write(note).await?;
    // the file was deleted meanwhile, or somebody else was as fast
    collect::after_commit(media, tenant, rows.into_iter().map(|row| row.location).collect()).await;
    Ok(())
}
