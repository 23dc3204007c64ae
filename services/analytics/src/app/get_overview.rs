use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_domain::{Result, id};
use weft_proto::{
    analytics::v1::{GetOverviewRequest, Live, OfAgent, OfChannel, Overview, Point},
    convert::timestamp,
};
use weft_rpc::Accepted;
use weft_store::Tx;

use crate::{
    Context,
    durations::Durations,
    period::{self, Period},
    series, slot,
    store::{
        live, names, projections,
        rollups::{self, Filter, Group, Sum},
    },
    sums::Sums,
};

/// Shows what waits now, and the figures of a period.
pub(crate) async fn run(context: &Context, call: Accepted<GetOverviewRequest>) -> Result<Overview> {
    let request = &call.message;
    let period = period::read(request, context.store.clock().now())?;
    let channel =
        request.channel.as_deref().map(|text| id::parse::<id::Channel>("channel", text)).transpose()?;
    let agent = request.agent.as_deref().map(|text| id::parse::<id::User>("agent", text)).transpose()?;
    let (channel, agent) = (channel.map(|id| id.uuid()), agent.map(|id| id.uuid()));
    let durations = context.durations.as_ref();
    let show = |tx| async move {
        let generation = projections::generation(&tx).await?;
        let filter = Filter { generation, slots: (period.from, period.to), channel, agent };
        overview(&tx, durations, &period, &filter).await
    };
    context.store.tenant(call.principal.tenant).read(show).await
}

async fn overview(tx: &Tx, durations: &Durations, period: &Period, filter: &Filter) -> Result<Overview> {
    let by_slot: Vec<Sum<i64>> = rollups::sums(tx, filter, Group::Slot).await?;
    let mut total = Sums::default();
    by_slot.iter().try_for_each(|sum| total.add(sum))?;
    Ok(Overview {
        from: Some(timestamp(slot::begin(period.from))),
        to: Some(timestamp(slot::begin(period.to))),
        interval: period.interval.to_string(),
        timezone: period.zone.name().to_owned(),
        live: Some(live_now(tx, filter).await?),
        total: Some(total.show(durations)),
        series: series(durations, period, &by_slot)?,
        by_channel: by_channel(tx, durations, filter).await?,
        by_agent: by_agent(tx, durations, filter).await?,
    })
}

async fn live_now(tx: &Tx, filter: &Filter) -> Result<Live> {
    let mut live = Live::default();
    let mut oldest: Option<DateTime<Utc>> = None;
    for row in live::by_status(tx, filter.generation, filter.channel, filter.agent).await? {
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        match row.status.as_str() {
            "open" => live.open = count(row.count),
            "pending" => live.pending = count(row.count),
            _ => live.snoozed = count(row.count),
        }
        live.unassigned += count(row.unassigned);
        live.waiting += count(row.waiting);
        oldest = [oldest, row.oldest].into_iter().flatten().min();
    }
    live.oldest_waiting_since = oldest.map(timestamp);
    Ok(live)
}

fn series(durations: &Durations, period: &Period, by_slot: &[Sum<i64>]) -> Result<Vec<Point>> {
    let starts = series::starts(period);
    let mut points = vec![Sums::default(); starts.len()];
    for sum in by_slot {
        let place = starts.partition_point(|start| *start <= sum.place).checked_sub(1);
        if let Some(point) = place.and_then(|place| points.get_mut(place)) {
            point.add(sum)?;
        }
    }
    let shown = starts.into_iter().zip(points).map(|(start, sums)| Point {
        start: Some(timestamp(slot::begin(start))),
        figures: Some(sums.show(durations)),
    });
    Ok(shown.collect())
}

async fn by_channel(tx: &Tx, durations: &Durations, filter: &Filter) -> Result<Vec<OfChannel>> {
    let groups = groups(rollups::sums(tx, filter, Group::Channel).await?)?;
    let known = names::channels(tx, groups.keys().copied().collect()).await?;
    let shown = groups.into_iter().map(|(channel, sums)| {
        let named = known.get(&channel);
        OfChannel {
            id: if channel.is_nil() {
                String::new()
            } else {
                id::from_uuid::<id::Channel>(channel).to_string()
            },
            kind: named.map(|row| row.kind.clone()).unwrap_or_default(),
            name: named.map(|row| row.name.clone()).unwrap_or_default(),
            figures: Some(sums.show(durations)),
        }
    });
    Ok(shown.collect())
}

async fn by_agent(tx: &Tx, durations: &Durations, filter: &Filter) -> Result<Vec<OfAgent>> {
    let groups = groups(rollups::sums(tx, filter, Group::Agent).await?)?;
    let known = names::people(tx, groups.keys().copied().collect()).await?;
    let shown = groups.into_iter().map(|(agent, sums)| OfAgent {
        id: if agent.is_nil() { String::new() } else { id::from_uuid::<id::User>(agent).to_string() },
        name: known.get(&agent).cloned().unwrap_or_default(),
        figures: Some(sums.show(durations)),
    });
    Ok(shown.collect())
}

fn groups(sums: Vec<Sum<Uuid>>) -> Result<BTreeMap<Uuid, Sums>> {
    let mut groups: BTreeMap<Uuid, Sums> = BTreeMap::new();
    for sum in &sums {
        groups.entry(sum.place).or_default().add(sum)?;
    }
    Ok(groups)
}
