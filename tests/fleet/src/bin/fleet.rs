//! `make fleet`: every service as processes of its own on real servers, until Ctrl-C.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a command line speaks to its terminal and is told by variables"
)]

use std::{
    collections::HashMap,
    fs::File,
    io::{Read, Seek, SeekFrom},
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Result;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use weft_tests_fleet::{Client, Cluster, ClusterOptions};

const PORT: u16 = 8080;

#[tokio::main]
async fn main() -> Result<()> {
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let folder = std::env::current_dir()?.join(variable("FLEET_FOLDER").unwrap_or("data/fleet".to_owned()));
    let mut options =
        ClusterOptions::usual().with_replicas(&variable("FLEET_REPLICAS").unwrap_or_default())?;
    options.folder = Some(folder.clone());
    options.gateway_port = Some(PORT).filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    println!("starting; logs are in {}", folder.join("logs").display());
    let mut follower = Follower::new(folder.join("logs"));
    let mut cluster = tokio::select! {
        started = Cluster::start(options) => started?,
        // dropping what has started ends it
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    follower.skip();
    ensure_web_chat(&cluster.operator()).await;
    greet(&cluster);
    let mut tick = tokio::time::interval(Duration::from_millis(250));
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            _ = tick.tick() => {
                follower.print();
                for name in cluster.ended() {
                    println!("{name} has ended by itself and is started again");
                    cluster.restart(&name).await?;
                }
            }
        }
    }
    println!("\nstopping in order; Ctrl-C again kills");
    let stopped = tokio::select! {
        stopped = cluster.stop() => stopped.map(drop),
        _ = interrupt.recv() => Err(anyhow::anyhow!("killed")),
        _ = terminate.recv() => Err(anyhow::anyhow!("killed")),
    };
    follower.print();
    if stopped.is_ok() {
        println!("everything has stopped");
    }
    stopped
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

async fn ensure_web_chat(operator: &Client) {
    let channels = operator.list("/v1/channels").await;
    if !channels.iter().any(|channel| channel["kind"] == "webchat") {
        operator.post("/v1/channels", &json!({"kind": "webchat", "name": "Website"})).await;
    }
}

fn greet(cluster: &Cluster) {
    let base = cluster.base();
    println!("\nWeft answers at {base}   (API: {base}/docs)");
    println!("{}\n", cluster.sign_in);
    for replica in cluster.all_replicas() {
        let rpc = replica.rpc.map(|rpc| format!("   gRPC {rpc}")).unwrap_or_default();
        println!(
            "  {:<22} pid {:<8} http://{}{rpc}",
            replica.name,
            replica.pid().unwrap_or_default(),
            replica.http
        );
    }
    println!("\n  {:<22} {}", "PostgreSQL", cluster.database().owner_url);
    for broker in &cluster.brokers {
        println!("  {:<22} {}", "NATS", broker.url());
    }
    println!("  {:<22} {}", "Redis", cluster.redis.url());
    let folder = cluster.folder().display();
    println!("\nTry it: WEFT_DATA__FOLDER={folder} WEFT_URL={base} target/release/weft simulate telegram");
    println!("Ctrl-C stops everything in order.\n");
}

/// Shows what is added to the logs, each line with its replica's name.
struct Follower {
    folder: PathBuf,
    shown: HashMap<PathBuf, u64>,
}

impl Follower {
    fn new(folder: PathBuf) -> Self {
        Self { folder, shown: HashMap::new() }
    }

    /// What is there already is in the files.
    fn skip(&mut self) {
        for file in self.files() {
            let length = file.metadata().map(|file| file.len()).unwrap_or_default();
            self.shown.insert(file, length);
        }
    }

    fn print(&mut self) {
        for file in self.files() {
            let from = self.shown.get(&file).copied().unwrap_or_default();
            match read_lines(&file, from) {
                Ok((text, end)) => {
                    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                    text.lines().for_each(|line| println!("{name:<20} | {line}"));
                    self.shown.insert(file, end);
                }
                Err(error) => eprintln!("{}: {error}", file.display()),
            }
        }
    }

    fn files(&self) -> Vec<PathBuf> {
        let Ok(entries) = self.folder.read_dir() else { return Vec::new() };
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        files
    }
}

/// The whole lines from there on, and where they end.
fn read_lines(path: &Path, from: u64) -> std::io::Result<(String, u64)> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    bytes.truncate(whole);
    let end = from + u64::try_from(whole).unwrap_or_default();
    Ok((String::from_utf8_lossy(&bytes).into_owned(), end))
}
