use std::path::Path;

use serde_json::json;
use weft_channel_telegram::simulator::Content;
use weft_tests_fleet::{Cluster, ClusterOptions, Live, Provider};

const SECRET: &str = "processes-secret-0123456789";
const ADA: i64 = 1_000_000_001;

/// A message in and an answer out while replicas are killed, added and taken away; then everything stops in order.
#[tokio::test(flavor = "multi_thread")]
async fn services_in_processes_of_their_own_carry_on_without_some_replicas_and_leave_no_process() {
    let options = ClusterOptions::usual()
        .with("WEFT_LOG__FILTER", "warn")
        .with_replicas("channel-telegram=1,gateway=1")
        .unwrap();
    let mut cluster = Cluster::start(options).await.unwrap();
    assert!(cluster.sign_in.contains("admin@demo.test, password"), "{}", cluster.sign_in);
    let admin = cluster.operator();
    let provider = Provider::start().await;
    provider.connect_at(&admin, SECRET).await;
    let mut live = Live::subscribe(&admin).await;
    provider.simulator.add_customer(ADA, "Ada", "en");
    let mut says = async |text: &str| {
        provider.simulator.customer_says(ADA, Content::Text(text.into())).unwrap();
        live.event("message.created", |data| {
            (data["message"]["text"] == text).then(|| data["message"].clone())
        })
        .await
    };

    let first = says("one").await;
    cluster.kill("conversation-1");
    assert_eq!(cluster.ended(), [] as [&str; 0], "it was killed, it did not end by itself");
    assert_eq!(says("two").await["seq"], 2);
    cluster.restart("conversation-1").await.unwrap();
    assert_eq!(cluster.add("conversation").await.unwrap(), "conversation-3");
    cluster.remove("conversation-2").await.unwrap();
    assert_eq!(says("three").await["seq"], 3);
    cluster.pause("conversation-3");
    cluster.resume("conversation-3");

    let path = format!("/v1/conversations/{}/messages", first["conversation_id"].as_str().unwrap());
    admin.post(&path, &json!({"text": "On its way."})).await;
    assert_eq!(provider.simulator.wait_for_sent(1).await[0].text, "On its way.");

    let pids = cluster.pids();
    let names: Vec<&str> = pids.iter().map(|(name, _)| name.as_str()).collect();
    for name in ["conversation-1", "conversation-3", "gateway-1", "directory-1", "nats", "postgres", "redis"]
    {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    let order = cluster.stop().await.unwrap();
    let place = |name: &str| order.iter().position(|ended| ended == name).unwrap();
    assert!(place("gateway-1") < place("conversation-1") && place("conversation-1") < place("directory-1"));
    for (name, pid) in pids {
        assert!(!Path::new(&format!("/proc/{pid}")).exists(), "{name} is still there");
    }
}
