use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use anyhow::{Context, Result};
use serde_json::json;
use tokio::net::lookup_host;
use weft_tests_fleet::{Client, Cluster, ClusterOptions, Provider};

use crate::{Hose, Journal, Options, options::Target};

/// What the played provider proves itself with.
pub(crate) const SECRET: &str = "load-secret-0123456789";
/// How many calls at once a provider makes to a replica.
const CONNECTIONS: usize = 64;

/// A fleet under load, and what plays its customers and agents.
pub struct Rig {
    /// How the run is made.
    pub options: Options,
    /// What was sent.
    pub journal: Arc<Journal>,
    /// The agent.
    pub admin: Client,
    /// The fleet, when it is ours.
    pub cluster: Option<Cluster>,
    /// The played provider.
    pub provider: Provider,
    /// Its channel.
    pub channel: String,
    /// A web chat.
    pub webchat: String,
    /// The replicas of what is called from outside, by service.
    edges: BTreeMap<&'static str, Vec<SocketAddr>>,
    /// Calls of the played provider.
    pub hooks: Arc<Hose>,
    /// Calls of the web chat's visitors.
    pub visitors: Arc<Hose>,
    /// Calls of agents.
    pub agents: Arc<Hose>,
    /// The highest rate that was sustained.
    pub highest: Option<u32>,
}

impl Rig {
    /// Finds or starts a fleet, and connects a provider and a web chat of this run.
    pub async fn start(options: Options, cluster: ClusterOptions) -> Result<Self> {
        let (cluster, admin, edges) = match &options.target {
            Some(target) => (None, sign_in(target).await, edges_of(target).await?),
            None => {
                let cluster = Cluster::start(generous(cluster)).await?;
                let edges = EDGES.map(|name| (name, addresses(&cluster, name))).into();
                (Some(cluster), None, edges)
            }
        };
        let admin = admin.or_else(|| cluster.as_ref().map(Cluster::operator)).context("an agent signs in")?;
        let provider = Provider::start().await;
        for customer in 0..options.customers {
            let chat = i64::try_from(chat_of(customer))?;
            provider.simulator.add_customer(chat, &format!("Customer {customer}"), "en");
        }
        let channel = provider.connect_at(&admin, SECRET).await;
        let webchat = admin.post("/v1/channels", &json!({"kind": "webchat", "name": "Load"})).await;
        let webchat = webchat["id"].as_str().context("a channel has an id")?.to_owned();
        let hose = |name: &str, from| Arc::new(Hose::new(edges[name].clone(), CONNECTIONS, from));
        let (hooks, visitors) = (hose("channel-telegram", 2), hose("channel-webchat", 3));
        let agents = hose("gateway", 4);
        let journal = Journal::new();
        Ok(Self {
            options,
            journal,
            admin,
            cluster,
            provider,
            channel,
            webchat,
            edges,
            hooks,
            visitors,
            agents,
            highest: None,
        })
    }

    /// Where the gateways answer.
    pub fn gateways(&self) -> &[SocketAddr] {
        &self.edges["gateway"]
    }

    /// Everything sent is compared with what is there.
    pub async fn check(&self) -> crate::Kept {
        crate::check(&self.journal, &self.admin, &[self.channel.clone(), self.webchat.clone()]).await
    }
}

const EDGES: [&str; 3] = ["gateway", "channel-telegram", "channel-webchat"];

/// Where a customer writes, as the provider calls it.
pub(crate) fn chat_of(customer: u64) -> u64 {
    1_000_000_001 + customer
}

fn addresses(cluster: &Cluster, service: &str) -> Vec<SocketAddr> {
    cluster.replicas(service).iter().map(|replica| replica.http).collect()
}

/// One machine plays all the customers and agents, so what is allowed to one address and one person is raised.
fn generous(mut options: ClusterOptions) -> ClusterOptions {
    let raised = [
        "WEFT_GATEWAY__LIVE__SOCKETS_PER_CALLER",
        "WEFT_CHANNEL_WEBCHAT__SESSIONS_PER_MINUTE",
        "WEFT_CHANNEL_WEBCHAT__REQUESTS_PER_MINUTE",
        "WEFT_CHANNEL_WEBCHAT__MESSAGES_PER_MINUTE",
    ];
    options.variables.extend(raised.map(|name| (name.to_owned(), "1000000".to_owned())));
    options.unthrottled().with("WEFT_LOG__FILTER", "warn")
}

async fn sign_in(target: &Target) -> Option<Client> {
    Some(Client::sign_in(&target.base, &target.email, &target.password).await)
}

async fn edges_of(target: &Target) -> Result<BTreeMap<&'static str, Vec<SocketAddr>>> {
    let mut edges = BTreeMap::new();
    for name in EDGES {
        let kind = name.trim_start_matches("channel-");
        let named =
            target.edges.split(',').find_map(|pair| pair.trim().strip_prefix(kind)?.strip_prefix('='));
        let url = named.unwrap_or(&target.base);
        let host = url.trim_start_matches("http://").trim_end_matches('/');
        let found =
            lookup_host(host).await.with_context(|| format!("{url} must be like http://host:port"))?;
        edges.insert(name, found.filter(SocketAddr::is_ipv4).take(1).collect());
    }
    Ok(edges)
}
