use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::{
    sync::oneshot,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use weft_tests_fleet::{Client, Cluster, ClusterOptions, Provider};

use crate::{
    Report, Scenario, agents,
    customers::{self, FIRST_CHAT, SECRET},
    ledger::{Ledger, Line, Verdict, Way},
    watcher,
};

const PATIENCE: Duration = Duration::from_secs(60);
/// Quiet traffic before something breaks.
const BEFORE: Duration = Duration::from_secs(2);

/// A fleet with customers and agents, in which things break.
pub struct Scene {
    /// The fleet.
    pub cluster: Cluster,
    /// The played provider.
    pub provider: Provider,
    admin: Client,
    channel: String,
    customers: usize,
    /// By customer.
    conversations: Vec<String>,
    /// How long traffic goes on after a fault.
    after: Duration,
}

impl Scene {
    /// Starts a fleet; every customer has written once, and writes four messages a second while it is tried.
    pub async fn start(options: ClusterOptions, customers: usize, after: Duration) -> Result<Self> {
        let options = options.unthrottled().with("WEFT_LOG__FILTER", "info");
        let cluster = Cluster::start(options).await?;
        let admin = cluster.operator();
        let provider = Provider::start().await;
        let channel = provider.connect_at(&admin, SECRET).await;
        for customer in 0..customers {
            let chat = FIRST_CHAT + i64::try_from(customer)?;
            provider.simulator.add_customer(chat, &format!("Customer {customer}"), "en");
        }
        let conversations = Vec::new();
        let mut scene = Self { cluster, provider, admin, channel, customers, conversations, after };
        scene.meet().await?;
        Ok(scene)
    }

    /// Makes contacts and conversations.
    async fn meet(&mut self) -> Result<()> {
        self.customers_write().await;
        let path = format!("/v1/conversations?channel={}", self.channel);
        let met = async || {
            let all = self.admin.list(&path).await;
            (all.len() == self.customers).then_some(all)
        };
        let all = weft_testkit::eventually("every customer has a conversation", PATIENCE, met).await;
        let mut by_customer = BTreeMap::new();
        for conversation in all {
            let name = conversation["contact"]["name"].as_str().context("a contact has a name")?;
            let number: usize = name.trim_start_matches("Customer ").parse()?;
            by_customer.insert(number, conversation["id"].as_str().context("an id")?.to_owned());
        }
        self.conversations = by_customer.into_values().collect();
        Ok(())
    }

    /// Conversations with customers, one each.
    pub(crate) fn conversations(&self) -> &[String] {
        &self.conversations
    }

    /// Every customer writes once.
    pub(crate) async fn customers_write(&self) {
        let (ledger, stop) = (Arc::new(Ledger::new()), CancellationToken::new());
        stop.cancel();
        let edge = Client::nobody(&self.cluster.front("channel-telegram"));
        for customer in 0..self.customers {
            let (ledger, stop, over) = (ledger.clone(), stop.clone(), CancellationToken::new());
            customers::write(edge.clone(), self.hook(), customer, ledger, stop, over).await;
        }
    }

    pub(crate) fn admin(&self) -> &Client {
        &self.admin
    }

    fn hook(&self) -> String {
        format!("/hooks/telegram/{}", self.channel)
    }

    /// Lets traffic flow, breaks something, and compares in the end what was accepted with what is there.
    pub async fn endure(&mut self, scenario: &Scenario) -> Result<Report> {
        let ledger = Arc::new(Ledger::new());
        let (stop, over) = (CancellationToken::new(), CancellationToken::new());
        // Listens before anybody speaks and after all have ended; whoever comes late is still to be seen.
        let watching = CancellationToken::new();
        let _watching = watching.clone().drop_guard();
        let (follows, following) = oneshot::channel();
        tokio::spawn(watcher::watch(self.admin.clone(), ledger.clone(), follows, watching));
        timeout(PATIENCE, following).await.context("the socket follows nothing")??;
        let mut traffic = self.traffic(&ledger, &stop, &over);
        let flows = async || ledger.recovered(Instant::now() - PATIENCE, self.customers);
        weft_testkit::eventually("traffic flows", PATIENCE, flows).await;
        sleep(BEFORE).await;

        let since = scenario.inflict(self).await?;
        let recovered = async || ledger.recovered(since, self.customers);
        let recovered =
            timeout(PATIENCE, weft_testkit::eventually("all are served", PATIENCE * 2, recovered)).await.ok();
        sleep(self.after).await;
        stop.cancel();
        let ended = timeout(PATIENCE, async { while traffic.join_next().await.is_some() {} }).await;
        over.cancel();
        ensure!(ended.is_ok() || recovered.is_none(), "customers are still not answered");
        self.settle(&ledger).await;

        let mut verdict = self.inbound(&ledger).await?;
        let (outbound, unclear) = self.outbound(&ledger).await?;
        verdict.add(outbound);
        verdict.duplicated += ledger.repeated();
        verdict.lost += u64::try_from(ledger.unseen())?;
        for words in ledger.unseen_words() {
            eprintln!("  never on the socket: {words}");
        }
        Ok(Report {
            name: scenario.name.to_owned(),
            accepted: ledger.all_accepted(),
            lost: verdict.lost,
            duplicated: verdict.duplicated,
            misordered: verdict.misordered,
            unclear,
            recovered_in: recovered.map(|at| at.saturating_duration_since(since)),
        })
    }

    fn traffic(
        &self,
        ledger: &Arc<Ledger>,
        stop: &CancellationToken,
        over: &CancellationToken,
    ) -> JoinSet<()> {
        let mut traffic = JoinSet::new();
        let edge = Client::nobody(&self.cluster.front("channel-telegram"));
        for (customer, conversation) in self.conversations.iter().enumerate() {
            let (ledger, stop, over) = (ledger.clone(), stop.clone(), over.clone());
            traffic.spawn(customers::write(
                edge.clone(),
                self.hook(),
                customer,
                ledger.clone(),
                stop.clone(),
                over.clone(),
            ));
            traffic.spawn(agents::answer(
                self.admin.clone(),
                conversation.clone(),
                customer,
                ledger,
                stop,
                over,
            ));
        }
        traffic
    }

    /// Waits until everything accepted was seen, and every answer has ended, or for a minute.
    async fn settle(&self, ledger: &Ledger) {
        let seen = async || (ledger.unseen() == 0).then_some(());
        _ = timeout(PATIENCE, weft_testkit::eventually("all is seen", PATIENCE * 2, seen)).await;
        let ended = async || {
            let rows = self.outgoing(ledger).await.ok()?;
            let under_way = |message: &Value| matches!(message["state"].as_str(), Some("queued" | "sending"));
            (!rows.values().flatten().any(under_way)).then_some(())
        };
        _ = timeout(PATIENCE, weft_testkit::eventually("all answers have ended", PATIENCE * 2, ended)).await;
    }

    async fn inbound(&self, ledger: &Ledger) -> Result<Verdict> {
        let mut verdict = Verdict::default();
        for customer in 0..self.customers {
            let line = Line { way: Way::In, customer };
            let row: Vec<usize> = self
                .messages(customer)
                .await
                .iter()
                .filter_map(|message| ledger.read(message["text"].as_str()?))
                .filter_map(|(found, number)| (found == line).then_some(number))
                .collect();
            verdict.add(judged(line, &row, ledger));
        }
        Ok(verdict)
    }

    /// What the provider received; what is shown as unclear may or may not be among it.
    async fn outbound(&self, ledger: &Ledger) -> Result<(Verdict, u64)> {
        let mut received: HashMap<Line, Vec<usize>> = HashMap::new();
        for sent in self.provider.simulator.sent() {
            if let Some((line, number)) = ledger.read(&sent.text) {
                received.entry(line).or_default().push(number);
            }
        }
        let (mut verdict, mut unclear) = (Verdict::default(), 0);
        for (customer, messages) in self.outgoing(ledger).await? {
            let line = Line { way: Way::Out, customer };
            let mut row = received.remove(&line).unwrap_or_default();
            for message in messages.iter().filter(|message| message["state"] == "unclear") {
                unclear += 1;
                let number = message["text"].as_str().and_then(|text| ledger.read(text)).map(|(_, it)| it);
                // Whether it arrived is what nobody knows; it counts as there, at its place.
                let number = number.context("a text of this run")?;
                if !row.contains(&number) {
                    let place = row.iter().position(|other| *other > number).unwrap_or(row.len());
                    row.insert(place, number);
                }
            }
            verdict.add(judged(line, &row, ledger));
        }
        Ok((verdict, unclear))
    }

    /// The answers of this run as REST shows them, by customer.
    async fn outgoing(&self, ledger: &Ledger) -> Result<BTreeMap<usize, Vec<Value>>> {
        let mut all = BTreeMap::new();
        for customer in 0..self.customers {
            let ours = |message: &Value| {
                message["text"]
                    .as_str()
                    .and_then(|text| ledger.read(text))
                    .is_some_and(|(line, _)| line.way == Way::Out)
            };
            let messages = self.messages(customer).await.into_iter().filter(ours).collect();
            all.insert(customer, messages);
        }
        Ok(all)
    }

    async fn messages(&self, customer: usize) -> Vec<Value> {
        let path = format!("/v1/conversations/{}/messages?after_seq=0", self.conversations[customer]);
        let (mut items, mut token) = (Vec::new(), String::new());
        loop {
            let page = self.page(&format!("{path}&page_size=200&page_token={token}")).await;
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next_page_token"].as_str() {
                Some(next) if !next.is_empty() => token = next.to_owned(),
                _ => return items,
            }
        }
    }

    /// What was just broken may refuse a call or two.
    async fn page(&self, path: &str) -> Value {
        let answered = async || {
            let (status, page) = self.admin.call("GET", path, None).await;
            (status == 200).then_some(page)
        };
        weft_testkit::eventually("a list can be read", PATIENCE, answered).await
    }
}

/// How a row ended; what is wrong with it is said.
fn judged(line: Line, row: &[usize], ledger: &Ledger) -> Verdict {
    let verdict = Verdict::of(row, ledger.accepted(line));
    if verdict != Verdict::default() {
        eprintln!("  {line:?}: {verdict:?} of {}: {row:?}", ledger.accepted(line));
    }
    verdict
}
