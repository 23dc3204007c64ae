use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weft_domain::{Error, Result, TenantId};
use weft_store::Tx;

use crate::{
    app::replay_letter,
    desk::Desk,
    metering,
    store::{
        letters::{self, Filter, Model},
        sealed,
        state::State,
        system,
    },
};

const TURN: Duration = Duration::from_secs(1);
/// Letters of one tenant before it is the next one's turn.
const AT_ONCE: u64 = 25;

/// Publishes what bulk replays have chosen, so many letters each second, until `stop`. Another replica at the same letters does
/// no harm: the bus takes each once.
pub(crate) async fn run(desk: Arc<Desk>, stop: CancellationToken) -> Result<()> {
    while !stop.is_cancelled() {
        if let Err(error) = one_turn(&desk, &stop).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "dead letters wait for their replay");
        }
        // At least a turn between two, however loudly it is wanted: that is the pace.
        if stop.run_until_cancelled(tokio::time::sleep(TURN)).await.is_none() {
            break;
        }
    }
    Ok(())
}

async fn one_turn(desk: &Desk, stop: &CancellationToken) -> Result<()> {
    let mut room = u64::from(desk.config.replays_per_second);
    let mut tenants = system::with_replays(&desk.store).await?;
    while !tenants.is_empty() {
        let mut unfinished = Vec::new();
        for tenant in tenants {
            if room == 0 || stop.is_cancelled() {
                return Ok(());
            }
            let wanted = AT_ONCE.min(room);
            let found = replay_some(desk, tenant, wanted).await?;
            room -= found.min(room);
            if found == wanted {
                unfinished.push(tenant);
            }
        }
        tenants = unfinished;
    }
    Ok(())
}

/// The oldest first, one after the other: their order is that of the events.
async fn replay_some(desk: &Desk, tenant: TenantId, most: u64) -> Result<u64> {
    let scope = desk.store.tenant(tenant);
    let filter = &Filter { state: Some(State::Replaying), ..Filter::default() };
    let rows = scope.read(|tx| async move { letters::oldest(&tx, filter, most).await }).await?;
    let (mut published, mut result) = (Vec::new(), Ok(()));
    for letter in &rows {
        match replay_one(desk, tenant, letter).await {
            Ok(Some(id)) => published.push(id),
            Ok(None) => {}
            Err(error) if error.code().is_transient() => {
                result = Err(error);
                break;
            }
            Err(error) => give_back(desk, tenant, letter.id, &error).await?,
        }
    }
    let ids = &published;
    let note = |tx: Tx| async move { letters::note_replayed(&tx, ids, None).await };
    metering::ended("replayed", scope.write(note).await?);
    result?;
    u64::try_from(rows.len()).map_err(Error::internal)
}

async fn replay_one(desk: &Desk, tenant: TenantId, letter: &Model) -> Result<Option<Uuid>> {
    let scope = desk.store.tenant(tenant);
    let opened = scope.read(|tx| async move { sealed::open(&tx, letter.id).await }).await?;
    // Somebody decided on it meanwhile.
    let Some(opened) = opened else { return Ok(None) };
    let replay = replay_letter::replay(letter, opened)?;
    replay_letter::publish(desk, replay).await?;
    Ok(Some(letter.id))
}

/// The bus refuses it each time: a person has to decide.
async fn give_back(desk: &Desk, tenant: TenantId, letter: Uuid, error: &Error) -> Result<()> {
    let said = &format!("{}: {}", error.reason(), error.message());
    desk.store.tenant(tenant).write(|tx| async move { letters::keep_again(&tx, letter, said).await }).await
}
