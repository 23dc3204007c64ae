use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use rand::RngExt;
use serde_json::{Value, json};

use crate::{Bulk, Journal, Rig, Way, drive, figures, hose::Call, journal};

const RATE: u32 = 100;
/// How many pages are turned before the one that is asked for again and again.
const DEEP: usize = 40;

/// How long lists and pages take with many messages stored.
pub(super) async fn measure(rig: &Rig) -> Result<()> {
    let Some(cluster) = &rig.cluster else {
        println!("  messages are written straight into the database of a fleet that this run has started");
        return Ok(());
    };
    let channel = rig.admin.post("/v1/channels", &json!({"kind": "webchat", "name": "History"})).await;
    let channel = channel["id"].as_str().context("a channel has an id")?;
    let bulk = Bulk::plan(cluster, channel, rig.options.messages).await?;
    let begun = Instant::now();
    bulk.load().await?;
    println!("  {} messages written in {:?}", rig.options.messages, begun.elapsed());
    for (name, latency) in read_lists(rig, &bulk, RATE, rig.options.step).await? {
        figures::quantiles(&format!("{name}_with_{}_messages", rig.options.messages), &latency);
    }
    Ok(())
}

/// Agents read lists and pages at this rate, all kinds in turn; gives how long each kind took.
pub async fn read_lists(
    rig: &Rig,
    bulk: &Bulk,
    rate: u32,
    length: Duration,
) -> Result<[(&'static str, Histogram<u64>); 4]> {
    let deep = deep_page(rig).await?;
    let conversations = bulk.conversations();
    let path = |number: u64| match number % 4 {
        0 => "/v1/conversations?page_size=50".to_owned(),
        1 => "/v1/conversations?unread=true&page_size=50".to_owned(),
        2 => deep.clone(),
        _ => {
            let one = &conversations[rand::rng().random_range(0..conversations.len())];
            format!("/v1/conversations/{one}/messages?page_size=50")
        }
    };
    let clock = Journal::new();
    let block = clock.plan(Way::Out, rate, usize::try_from(u64::from(rate) * length.as_secs())?);
    let waited: [_; 4] = std::array::from_fn(|_| Arc::new(Mutex::new(journal::histogram())));
    let bearer = format!("Bearer {}", rig.admin.token());
    drive(&clock, &block, |number| {
        let (path, bearer, agents) = (path(number), bearer.clone(), rig.agents.clone());
        let (clock, block) = (clock.clone(), block.clone());
        let waited = waited[usize::try_from(number % 4).unwrap()].clone();
        async move {
            let call = Call { path: &path, header: ("authorization", &bearer), body: None };
            if agents.call(call, || {}).await.is_ok_and(|answer| answer.status == 200) {
                let now = clock.now();
                block.accept(number, now);
                waited.lock().unwrap().saturating_record(now.saturating_sub(block.meant(number)).max(1));
            }
        }
    })
    .await;
    let asked = u64::try_from(block.numbers().count())?;
    ensure!(block.accepted() == asked, "{} of {asked} lists were answered with 200", block.accepted());
    let [list, unread, deep, page] = waited.map(|waited| waited.lock().unwrap().clone());
    Ok([("list", list), ("list_unread", unread), ("list_deep", deep), ("page", page)])
}

/// A page far down the list, or the last.
async fn deep_page(rig: &Rig) -> Result<String> {
    let mut path = "/v1/conversations?page_size=50".to_owned();
    for _ in 0..DEEP {
        let page = rig.admin.get(&path).await;
        match page["next_page_token"].as_str().filter(|token| !token.is_empty()) {
            Some(token) => path = format!("/v1/conversations?page_size=50&page_token={token}"),
            None => break,
        }
    }
    let page = rig.admin.get(&path).await;
    ensure!(
        page["items"].as_array().is_some_and(|items| !items.is_empty()),
        "an empty page: {}",
        Value::Null
    );
    Ok(path)
}
