//! The figures of `make bench`: a release build on embedded defaults, the generator on the same machine.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark speaks to its terminal"
)]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use serde_json::{Value, json};
use tokio::{sync::Semaphore, time::interval};
use weft_tests_fleet::{Client, Live, PASSWORD, Provider, Weft};

const CUSTOMERS: u64 = 200;
const SECRET: &str = "bench-secret-0123456789";

struct Target {
    client: Client,
    path: String,
    next: AtomicU64,
    started: Instant,
}

#[tokio::main]
async fn main() {
    rustls::crypto::aws_lc_rs::default_provider().install_default().unwrap();
    let seconds = std::env::var("WEFT_BENCH_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    let folder = tempfile::tempdir().unwrap();
    let port = weft_testkit::free_port();
    let base = format!("http://127.0.0.1:{port}");
    let begun = Instant::now();
    let variables = [
        ("WEFT_GATEWAY__LISTEN", format!("127.0.0.1:{port}")),
        ("WEFT_HTTP__ALLOW_PRIVATE", "true".to_owned()),
        ("WEFT_BOOTSTRAP__ADMIN_PASSWORD", PASSWORD.to_owned()),
        ("WEFT_LOG__FILTER", "warn".to_owned()),
    ];
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut weft = Weft::run(folder.path(), &["up", "--demo"], &variables);
    weft.wait_for("ready", |line| line.contains("Weft answers").then_some(())).await;
    println!("BENCH start_to_ready_first {} ms", begun.elapsed().as_millis());
    weft.kill().await;
    let begun = Instant::now();
    let mut weft = Weft::run(folder.path(), &["up", "--demo"], &variables);
    weft.wait_for("ready", |line| line.contains("Weft answers").then_some(())).await;
    println!("BENCH start_to_ready {} ms", begun.elapsed().as_millis());
    tokio::time::sleep(Duration::from_secs(5)).await;
    println!("BENCH rss_idle {:.1} MB", rss(weft.id()));

    let admin = Client::sign_in(&base, "admin@demo.test", PASSWORD).await;
    let provider = Provider::start().await;
    let channel = provider.connect_at(&admin, SECRET).await;
    let target = Arc::new(Target {
        client: Client::nobody(&base),
        path: format!("/hooks/telegram/{channel}"),
        next: AtomicU64::new(1),
        started: Instant::now(),
    });
    // Contacts and conversations exist before anything is measured.
    for _ in 0..CUSTOMERS {
        post(&target).await;
    }
    let live = Live::subscribe(&admin).await;
    report("at_200_per_second", paced(&target, live, 200, seconds).await);
    let live = Live::subscribe(&admin).await;
    let (accepted, latency) = flat_out(&target, live, seconds).await;
    println!("BENCH webhooks_per_second {accepted:.0} msg/s");
    report("at_full_load", latency);
    println!("BENCH rss_after_load {:.1} MB", rss(weft.id()));
    weft.kill().await;
}

/// Open loop: arrivals do not wait for answers, so waiting is counted.
async fn paced(target: &Arc<Target>, live: Live, per_second: u64, seconds: u64) -> Histogram<u64> {
    let count = per_second * seconds;
    let listening = tokio::spawn(listen(target.clone(), live, count));
    let mut ticks = interval(Duration::from_secs_f64(1.0 / f64::from(u32::try_from(per_second).unwrap())));
    for _ in 0..count {
        ticks.tick().await;
        let target = target.clone();
        tokio::spawn(async move { post(&target).await });
    }
    listening.await.unwrap()
}

/// Closed loop with many callers: what the system takes at most.
async fn flat_out(target: &Arc<Target>, live: Live, seconds: u64) -> (f64, Histogram<u64>) {
    let callers = Arc::new(Semaphore::new(128));
    let before = target.next.load(Ordering::Relaxed);
    let begun = Instant::now();
    let listening = tokio::spawn(listen(target.clone(), live, u64::MAX));
    while begun.elapsed() < Duration::from_secs(seconds) {
        let permit = callers.clone().acquire_owned().await.unwrap();
        let target = target.clone();
        tokio::spawn(async move {
            post(&target).await;
            drop(permit);
        });
    }
    drop(callers.acquire_many(128).await.unwrap());
    let accepted = target.next.load(Ordering::Relaxed) - before;
    let rate = accepted as f64 / begun.elapsed().as_secs_f64();
    (rate, listening.await.unwrap())
}

/// One update of one of the customers; its text says when it was sent.
async fn post(target: &Target) {
    let number = target.next.fetch_add(1, Ordering::Relaxed);
    let chat = 1_000_000_001 + number % CUSTOMERS;
    let person = json!({"id": chat, "is_bot": false, "first_name": "Ada"});
    let sent = u64::try_from(target.started.elapsed().as_micros()).unwrap();
    let update = json!({"update_id": 900_000_000 + number, "message": {
        "message_id": number, "date": 1_767_225_600, "from": person,
        "chat": {"id": chat, "type": "private", "first_name": "Ada"}, "text": format!("sent at {sent}")}});
    let headers = [("x-telegram-bot-api-secret-token", SECRET)];
    let status = target.client.post_raw(&target.path, &headers, &update.to_string()).await.unwrap();
    assert_eq!(status, 200);
}

/// Notes for each message on the socket how long it took from before its webhook was posted.
async fn listen(target: Arc<Target>, mut live: Live, count: u64) -> Histogram<u64> {
    let mut latency = Histogram::new_with_bounds(1, 120_000_000, 3).unwrap();
    while latency.len() < count {
        let Ok(Some(frame)) = tokio::time::timeout(Duration::from_secs(3), live.next()).await else { break };
        let text = frame
            .pointer("/data/message/text")
            .and_then(Value::as_str)
            .filter(|_| frame["event"] == "message.created");
        let Some(sent) = text.and_then(|text| text.strip_prefix("sent at ")?.parse::<u64>().ok()) else {
            continue;
        };
        let now = u64::try_from(target.started.elapsed().as_micros()).unwrap();
        latency.record(now.saturating_sub(sent).max(1)).unwrap();
    }
    latency
}

fn report(name: &str, latency: Histogram<u64>) {
    let ms = |quantile| latency.value_at_quantile(quantile) as f64 / 1000.0;
    println!("BENCH webhook_to_socket_p50_{name} {:.1} ms", ms(0.5));
    println!("BENCH webhook_to_socket_p99_{name} {:.1} ms", ms(0.99));
    println!("BENCH webhook_to_socket_count_{name} {} messages", latency.len());
}

fn rss(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").trim().parse().unwrap();
    kilobytes / 1024.0
}
