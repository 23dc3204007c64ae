use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Result, ensure};

use super::inbound::warm_up;
use crate::{Block, Rig, Way, drive, figures, hose::Call};

/// Below what the adapter lets through to one account of the provider.
const RATE: u32 = 20;
/// As many as keep below what it lets through to one person.
const CONVERSATIONS: usize = 100;
const SENT: Duration = Duration::from_secs(60);

/// From an agent's answer to the provider's call, and what became of each.
pub(super) async fn measure(rig: &Rig) -> Result<()> {
    let path = format!("/v1/conversations?channel={}&page_size={CONVERSATIONS}", rig.channel);
    let mut conversations = rig.admin.get(&path).await;
    if conversations["items"].as_array().is_none_or(Vec::is_empty) {
        warm_up(rig).await?;
        conversations = rig.admin.get(&path).await;
    }
    let ids = conversations["items"].as_array().into_iter().flatten();
    let ids: Vec<String> = ids.filter_map(|one| Some(one["id"].as_str()?.to_owned())).collect();
    ensure!(!ids.is_empty(), "there is no conversation to answer in");
    let block = send_answers(rig, ids, RATE, rig.options.step).await;
    figures::quantiles("agent_send_to_provider_call", &block.latency());
    Ok(())
}

/// Agents answer in these conversations at this rate; each answer has to reach the provider once, in order.
pub async fn send_answers(rig: &Rig, conversations: Vec<String>, rate: u32, length: Duration) -> Arc<Block> {
    let count = u64::from(rate) * length.as_secs();
    let block = rig.journal.plan(Way::Out, rate, usize::try_from(count).unwrap());
    let bearer = format!("Bearer {}", rig.admin.token());
    let sent = |number: u64| {
        let conversation = &conversations[usize::try_from(number).unwrap() % conversations.len()];
        let path = format!("/v1/conversations/{conversation}/messages");
        let (agents, journal, block, bearer) =
            (rig.agents.clone(), rig.journal.clone(), block.clone(), bearer.clone());
        async move {
            let body = Some(format!(r#"{{"text":"{}"}}"#, journal.text(number)));
            let call = Call { path: &path, header: ("authorization", &bearer), body };
            let answer = agents.call(call, || block.post(number, journal.now())).await;
            if answer.is_ok_and(|answer| (200..300).contains(&answer.status)) {
                block.accept(number, journal.now());
            }
        }
    };
    let sending = async {
        drive(&rig.journal, &block, sent).await;
        block.all_seen(1, SENT).await;
    };
    tokio::select! {
        () = sending => {}
        () = watch_provider(rig) => {}
    }
    println!("SENDS {}", kept(rig, &block));
    block
}

/// Notes what reaches the provider.
async fn watch_provider(rig: &Rig) {
    let mut seen = rig.provider.simulator.sent().len();
    loop {
        let (fresh, total) = rig.provider.simulator.wait_for_sent_after(seen).await;
        for sent in fresh {
            if let Some(number) = rig.journal.number(&sent.text) {
                rig.journal.saw(number);
            }
        }
        seen = total;
    }
}

/// What became of the answers, by what the provider received.
fn kept(rig: &Rig, block: &Block) -> crate::Kept {
    let mut chats: BTreeMap<i64, Vec<(u64, u64)>> = BTreeMap::new();
    for sent in rig.provider.simulator.sent() {
        if let Some(number) = rig.journal.number(&sent.text).filter(|number| block.has(*number)) {
            chats.entry(sent.chat_id).or_default().push(block.times(number));
        }
    }
    let accepted = |number: &u64| block.times(*number).1 > 0;
    let count = |wrong: &dyn Fn(u32) -> bool| {
        let found = block.numbers().filter(accepted).filter(|number| wrong(block.sightings(*number)));
        u64::try_from(found.count()).unwrap()
    };
    crate::Kept {
        accepted: block.accepted(),
        lost: count(&|times| times == 0),
        duplicated: count(&|times| times > 1),
        misordered: chats.into_values().map(|row| crate::kept::misordered(row.into_iter())).sum(),
    }
}
