//! Many people work in the same conversations at two gateways. What each of them sees on their socket is in the end what the database
//! has: no change is missed, overtaken or invented on the way.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use weft_tests_fleet::Client;

use crate::{Scene, mirror::Mirror};

const PATIENCE: Duration = Duration::from_secs(60);
const PASSWORD: &str = "correct horse battery staple";

/// What came of it.
#[derive(Debug, Default)]
pub struct Agreement {
    /// What was asked for and done.
    pub done: u64,
    /// What was not, as it may be: somebody else was first, or it took too long.
    pub refused: u64,
    /// In how many conversations.
    pub conversations: usize,
    /// With how many messages.
    pub messages: usize,
    /// Where somebody saw something else than the database has.
    pub differences: Vec<String>,
}

impl std::fmt::Display for Agreement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { done, refused, conversations, messages, differences } = self;
        let differ = differences.len();
        write!(
            f,
            "AGREE done={done} refused={refused} conversations={conversations} messages={messages} differences={differ}"
        )
    }
}

/// What all of them share.
struct Work {
    conversations: Vec<String>,
    done: AtomicU64,
    refused: AtomicU64,
    faults: std::sync::Mutex<Vec<String>>,
}

/// Lets so many people work, half at each gateway, for a while or until enough is done, and compares what they saw.
pub async fn agree(
    scene: &Scene,
    people: usize,
    (time, enough): (Duration, u64),
    pace: Duration,
) -> Result<Agreement> {
    let gateways: Vec<String> =
        scene.cluster.replicas("gateway").iter().map(|replica| format!("http://{}", replica.http)).collect();
    ensure!(gateways.len() >= 2, "it takes two gateways");
    let work = Arc::new(Work {
        conversations: scene.conversations().to_vec(),
        done: AtomicU64::new(0),
        refused: AtomicU64::new(0),
        faults: std::sync::Mutex::default(),
    });
    let mut clients = Vec::with_capacity(people);
    for number in 0..people {
        let email = format!("person{number}@demo.test");
        let body = json!({"email": email, "name": format!("Person {number}"), "password": PASSWORD, "role": "supervisor"});
        scene.admin().post("/v1/users", &body).await;
        clients.push(Client::sign_in(&gateways[number % gateways.len()], &email, PASSWORD).await);
    }
    let users = scene.admin().list("/v1/users").await;
    let users: Arc<Vec<String>> =
        Arc::new(users.iter().filter_map(|user| user["id"].as_str().map(str::to_owned)).collect());

    let over = CancellationToken::new();
    let (told, mut tells) = mpsc::unbounded_channel();
    let mut watching = JoinSet::new();
    for (number, client) in clients.iter().enumerate() {
        let mirror = Mirror::follow(client).await;
        watching.spawn(mirror.keep((number, client.clone()), over.clone(), told.clone()));
    }
    let (stop, mut working) = (CancellationToken::new(), JoinSet::new());
    for (number, client) in clients.iter().enumerate() {
        // the same things in the same order each time, though never at the same moment
        let random = StdRng::seed_from_u64(u64::try_from(number)?);
        working.spawn(toil((client.clone(), random, pace), work.clone(), users.clone(), stop.clone()));
    }
    let until = Instant::now() + time;
    while Instant::now() < until && work.done.load(Ordering::Relaxed) < enough {
        scene.customers_write().await;
        sleep(pace * 5).await;
    }
    stop.cancel();
    timeout(PATIENCE, async { while working.join_next().await.is_some() {} })
        .await
        .context("people still work")?;

    let last = settle(scene).await?;
    let marks: BTreeSet<String> = mark_ends(scene, &last).await;
    let mut behind = people;
    let all_seen = async {
        let mut seen: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        while behind > 0 {
            let Some((who, mark)) = tells.recv().await else { return };
            let of_them = seen.entry(who).or_default();
            if marks.contains(&mark) && of_them.insert(mark) && of_them.len() == marks.len() {
                behind -= 1;
            }
        }
    };
    timeout(PATIENCE, all_seen).await.context("somebody has not seen the end of every conversation")?;
    over.cancel();
    let mut agreement = Agreement {
        done: work.done.load(Ordering::Relaxed),
        refused: work.refused.load(Ordering::Relaxed),
        differences: std::mem::take(&mut work.faults.lock().unwrap()),
        ..Agreement::default()
    };
    let truth = Mirror::read(scene.admin()).await;
    (agreement.conversations, agreement.messages) = truth.size();
    while let Some(mirror) = watching.join_next().await {
        agreement.differences.extend(mirror?.differs_from(&truth));
    }
    Ok(agreement)
}

/// One person does one thing after the other.
async fn toil(
    (client, mut random, pace): (Client, StdRng, Duration),
    work: Arc<Work>,
    users: Arc<Vec<String>>,
    stop: CancellationToken,
) {
    let mut known: Vec<String> = work.conversations.clone();
    while stop.run_until_cancelled(sleep(pace)).await.is_some() {
        let conversation = known.choose(&mut random).unwrap().clone();
        let (status, body, what) = one_thing(&client, &mut random, &conversation, &users).await;
        match status {
            200..=299 => {
                work.done.fetch_add(1, Ordering::Relaxed);
                // what was split off is worked in, too
                if body["kind"] == "split"
                    && let Some(new) = body["other"]["id"].as_str()
                    && known.len() < work.conversations.len() * 2
                {
                    known.push(new.to_owned());
                }
            }
            // somebody else was first, it is not theirs to do, or the machine has too much to do
            400..=499 | 503 | 504 => {
                work.refused.fetch_add(1, Ordering::Relaxed);
            }
            _ => work.faults.lock().unwrap().push(format!("{what}: {status} {body}")),
        }
    }
}

/// Something that people do in a conversation.
async fn one_thing(
    client: &Client,
    random: &mut StdRng,
    conversation: &str,
    users: &[String],
) -> (u16, Value, &'static str) {
    let path = format!("/v1/conversations/{conversation}");
    let words = format!("word {}", random.random::<u32>());
    let (what, verb, path, body) = match random.random_range(0..16) {
        0 => ("answer", "POST", format!("{path}/messages"), json!({"text": words})),
        1..6 => ("note", "POST", format!("{path}/messages"), json!({"text": words, "internal": true})),
        6 => {
            let status = ["open", "pending", "resolved", "snoozed"].choose(random).unwrap();
            ("status", "PATCH", path, json!({"status": status}))
        }
        7 => {
            let priority = ["low", "normal", "high", "urgent"].choose(random).unwrap();
            ("priority", "PATCH", path, json!({"priority": priority}))
        }
        8 => {
            let tag = format!("tag {}", random.random_range(0..5));
            let change =
                if random.random() { json!({"add_tags": [tag]}) } else { json!({"remove_tags": [tag]}) };
            ("tag", "PATCH", path, change)
        }
        9 => ("assign", "PATCH", path, json!({"assignee": users.choose(random)})),
        10 => ("archive", "PATCH", path, json!({"archived": random.random::<bool>()})),
        11 => ("read", "POST", format!("{path}/read"), json!({})),
        number => return with_message(client, random, &path, number).await,
    };
    let (status, answer) = client.call(verb, &path, Some(&body)).await;
    (status, answer, what)
}

/// Something that people do with a message.
async fn with_message(
    client: &Client,
    random: &mut StdRng,
    path: &str,
    number: u32,
) -> (u16, Value, &'static str) {
    let (status, page) = client.call("GET", &format!("{path}/messages?page_size=20"), None).await;
    let empty = Vec::new();
    let items = page["items"].as_array().unwrap_or(&empty);
    let Some(id) = items.choose(random).and_then(|message| message["id"].as_str()) else {
        return (status, page, "look");
    };
    let (what, verb, path, body) = match number {
        12 => (
            "edit",
            "PATCH",
            format!("{path}/messages/{id}"),
            json!({"text": format!("edited {}", random.random::<u16>())}),
        ),
        13 => {
            let emoji = ["%F0%9F%91%8D", "%E2%9D%A4%EF%B8%8F"].choose(random).unwrap();
            ("react", "PUT", format!("{path}/messages/{id}/reactions/{emoji}"), json!({}))
        }
        14 => ("delete", "DELETE", format!("{path}/messages/{id}?scope=everyone"), Value::Null),
        _ => match random.random_range(0..3) {
            0 => ("split", "POST", format!("{path}/split"), json!({"message_ids": [id]})),
            _ => {
                let (_, list) = client.call("GET", "/v1/regroupings?page_size=5", None).await;
                let all = list["items"].as_array().unwrap_or(&empty);
                let Some(id) = all.choose(random).and_then(|one| one["id"].as_str()) else {
                    return (status, Value::Null, "look");
                };
                ("undo", "POST", format!("/v1/regroupings/{id}/undo"), json!({}))
            }
        },
    };
    let body = (!body.is_null()).then_some(&body);
    let (status, answer) = client.call(verb, &path, body).await;
    (status, answer, what)
}

/// Waits until nothing is on its way out any more; gives the conversations that there are then.
async fn settle(scene: &Scene) -> Result<Vec<String>> {
    let quiet = async || {
        let all = Mirror::read(scene.admin()).await;
        (!all.is_under_way()).then_some(all)
    };
    let all = timeout(PATIENCE * 2, weft_testkit::eventually("all answers have ended", PATIENCE * 3, quiet))
        .await
        .context("answers are still on their way")?;
    Ok(all.open_conversations())
}

/// The last word in each conversation that can have one: who has seen it has seen what came before.
async fn mark_ends(scene: &Scene, conversations: &[String]) -> BTreeSet<String> {
    let mut marks = BTreeSet::new();
    for conversation in conversations {
        let text = format!("the end of {conversation}");
        let body = json!({"text": text, "internal": true});
        scene.admin().post(&format!("/v1/conversations/{conversation}/messages"), &body).await;
        marks.insert(text);
    }
    marks
}
