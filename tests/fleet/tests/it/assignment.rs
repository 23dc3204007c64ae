//! Who is given which conversation.

use std::collections::HashMap;

use rstest::rstest;
use serde_json::{Value, json};
use weft_channel_telegram::simulator::Content;
use weft_fleet::{Plan, Process};
use weft_tests_fleet::{Client, Engines, Fleet, Live, PASSWORD, Provider};

const ADA: i64 = 1_000_000_001;
const CUSTOMERS: i64 = 200;
const AGENTS: usize = 5;
/// A little more than each of them gets.
const CAPACITY: u64 = 42;

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_writes_is_given_to_whoever_is_available_and_everybody_sees_it(
    #[case] engines: Engines,
) {
    let fleet = Fleet::start(engines).await;
    let admin = fleet.admin().await;
    let provider = Provider::start().await;
    provider.connect(&fleet, &admin).await;
    let (agent, agent_id) = person(&admin, "kim", "agent").await;
    let (supervisor, _) = person(&admin, "lou", "supervisor").await;
    let mut live = Live::subscribe(&supervisor).await;

    assert_eq!(agent.get("/v1/me/availability").await["status"], "offline");
    let said = json!({"status": "available", "capacity": 1, "note": "until five"});
    agent.patch("/v1/me/availability", &said).await;
    let of_agent =
        |data: &Value| (data["agent"]["user_id"] == agent_id.as_str()).then(|| data["agent"].clone());
    let told = live.event("agent_availability.updated", of_agent).await;
    assert_eq!(
        (&told["status"], &told["capacity"], &told["note"]),
        (&json!("available"), &json!(1), &json!("until five"))
    );

    provider.simulator.add_customer(ADA, "Ada", "en");
    provider.simulator.customer_says(ADA, Content::Text("Is there somebody?".into())).unwrap();
    let given = live.event("conversation.updated", assigned).await;
    assert_eq!(given.1, agent_id);
    provider.simulator.add_customer(ADA + 1, "Bea", "en");
    provider.simulator.customer_says(ADA + 1, Content::Text("And for me?".into())).unwrap();
    let waits = live.event("conversation.created", |data| Some(data["conversation"]["id"].clone())).await;
    assert_eq!(supervisor.get("/v1/agents").await["items"].as_array().unwrap().len(), 3);
    agent.patch(&format!("/v1/conversations/{}", given.0), &json!({"status": "resolved"})).await;
    let next =
        live.event("conversation.updated", |data| assigned(data).filter(|(id, _)| *id != given.0)).await;
    assert_eq!((json!(next.0), next.1), (waits, agent_id));
    assert_eq!(admin.get(&format!("/v1/conversations/{}", given.0)).await["status"], "resolved");
    fleet.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_give_two_hundred_customers_to_five_agents_each_once() {
    let address = format!("127.0.0.1:{}", weft_testkit::free_port());
    let at = [("WEFT_RUN__RPC_LISTEN", address.as_str())];
    let fleet = Fleet::start_with(weft_testkit::temp_dir(), Engines::Real, &at).await;
    let mut settings = fleet.process().parts().settings.as_ref().clone();
    settings.run.listen = "127.0.0.1:0".parse().unwrap();
    settings.run.rpc_listen = None;
    settings.peers.directory = format!("http://{address}");
    settings.peers.media = format!("http://{address}");
    let plan = Plan { services: vec!["conversation", "automation"], migrate: false };
    let second = Box::pin(Process::start(settings, plan, String::new)).await.unwrap();

    let admin = fleet.admin().await;
    let provider = Provider::start().await;
    provider.connect(&fleet, &admin).await;
    for n in 0..AGENTS {
        let (agent, _) = person(&admin, &format!("agent{n}"), "agent").await;
        agent.patch("/v1/me/availability", &json!({"status": "available", "capacity": CAPACITY})).await;
    }
    let mut live = Live::subscribe(&admin).await;
    for n in 0..CUSTOMERS {
        provider.simulator.add_customer(ADA + n, &format!("Customer {n}"), "en");
        provider.simulator.customer_says(ADA + n, Content::Text("Hello".into())).unwrap();
    }
    let mut given: HashMap<String, String> = HashMap::new();
    while given.len() < usize::try_from(CUSTOMERS).unwrap() {
        let (id, user) = live.event("conversation.updated", assigned).await;
        let before = given.entry(id.clone()).or_insert_with(|| user.clone());
        assert_eq!(*before, user, "{id} was given to two");
    }
    let stored = admin.list("/v1/conversations").await;
    assert_eq!(stored.len(), given.len());
    for conversation in &stored {
        assert_eq!(conversation["assignee"], given[conversation["id"].as_str().unwrap()].as_str());
    }
    let mut loads: HashMap<&str, u64> = HashMap::new();
    given.values().for_each(|user| *loads.entry(user).or_default() += 1);
    let (least, most) = (loads.values().min().unwrap(), loads.values().max().unwrap());
    assert!(loads.len() == AGENTS && most - least <= 1 && *most <= CAPACITY, "{loads:?}");
    for agent in admin.list("/v1/agents").await {
        let user = agent["user_id"].as_str().unwrap();
        assert_eq!(agent["open"], loads.get(user).copied().unwrap_or_default(), "{agent}");
    }
    second.stop().await.unwrap();
    fleet.stop().await;
}

/// A conversation and who has it now, if somebody has.
fn assigned(data: &Value) -> Option<(String, String)> {
    let conversation = &data["conversation"];
    Some((conversation["id"].as_str()?.to_owned(), conversation["assignee"].as_str()?.to_owned()))
}

/// Somebody new of the demo's tenant, signed in, with their id.
async fn person(admin: &Client, name: &str, role: &str) -> (Client, String) {
    let email = format!("{name}@demo.test");
    let made = admin.post("/v1/users", &json!({"email": email, "password": PASSWORD, "role": role})).await;
    (Client::sign_in(admin.base(), &email, PASSWORD).await, made["id"].as_str().unwrap().to_owned())
}
