use std::{collections::BTreeMap, path::Path, process::Output, time::Duration};

use futures::future::join_all;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use weft_channel_telegram::simulator::{Content, FileContent};
use weft_fleet::{Settings, nats};
use weft_testkit::{Database, Nats, TempDir, eventually, temp_dir};
use weft_tests_fleet::{Client, Engines, Fleet, PASSWORD, Provider, Weft};

use crate::subscriber::Place;

const SECRET: &str = "test-secret-0123456789";
const FIRST: i64 = 1_000_000_001;
const CUSTOMERS: i64 = 6;
const VISITORS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(20);
/// What no program may print.
pub(crate) const PERSONAL: [&str; 6] = ["Ada", "Zoë", "order", "Coming", "example.org", "Kim"];

/// A fleet on a NATS server that knows the reader as `weft emit nats` makes it.
pub(crate) struct Scene {
    pub(crate) fleet: Fleet,
    pub(crate) admin: Client,
    server: Mutex<Nats>,
    pub(crate) place: Place,
    provider: Provider,
    telegram: String,
    webchat: String,
    variables: Vec<(String, String)>,
    database: Database,
    folder: TempDir,
}

impl Scene {
    pub(crate) async fn start() -> Self {
        let folder = temp_dir();
        let server = Nats::start_with(&users(folder.path(), "[readers.stranger]")).await;
        let url = server.url();
        let database = weft_testkit::postgres().await.database().await;
        let data = temp_dir();
        let variables = [
            ("WEFT_BUS__URL", url.clone()),
            ("WEFT_BUS__USER", "fleet".to_owned()),
            ("WEFT_BUS__PASSWORD", "fleet".to_owned()),
            ("WEFT_READERS__STRANGER__ACK_WAIT_SECS", "2".to_owned()),
            ("WEFT_STORE__URL", database.service_url.clone()),
            ("WEFT_STORE__OWNER_URL", database.owner_url.clone()),
            ("WEFT_STORE__SYSTEM_URL", database.system_url.clone()),
            ("WEFT_DATA__FOLDER", data.path().display().to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        let given: Vec<(&str, &str)> =
            variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let fleet = Fleet::start_with(data, Engines::Real, &given).await;
        let admin = fleet.admin().await;
        let provider = Provider::start().await;
        let telegram = provider.connect_at(&admin, SECRET).await;
        let webchat = fleet.connect(&admin, "webchat", json!({}), json!({})).await;
        let seed = folder.path().join("seeds/reader-stranger.nk");
        let place = Place { server: url, seed, folder: folder.path().to_owned() };
        let (server, variables) = (Mutex::new(server), variables.to_vec());
        Self { fleet, admin, server, place, provider, telegram, webchat, variables, database, folder }
    }

    /// People come and write.
    pub(crate) async fn customers_write(&self) {
        let simulator = &self.provider.simulator;
        for customer in FIRST..FIRST + CUSTOMERS {
            simulator.add_customer(customer, if customer == FIRST { "Ada" } else { "Zoë" }, "en");
            let first = simulator.customer_says(customer, text("Where is my order?")).unwrap();
            for number in 0..4 {
                simulator.customer_says(customer, text(&format!("order {number}"))).unwrap();
            }
            let photo = Content::Photo(FileContent::default());
            simulator.customer_says(customer, photo).unwrap();
            let edit = Content::Edit { message_id: first, text: "Where is my order 7?".into() };
            simulator.customer_says(customer, edit).unwrap();
        }
        // A provider that missed our answer calls again.
        for _ in 0..3 {
            self.post_repeated_webhook().await;
        }
        join_all((0..VISITORS).map(|visitor| self.visitor_writes(visitor))).await;
        self.wait_for_messages(usize::try_from(CUSTOMERS * 6).unwrap() + 1 + VISITORS * 3).await;
    }

    /// Agents answer, assign, close; customers react and come back. Gives the reactions as they must be known.
    pub(crate) async fn agents_work(&self) -> BTreeMap<String, bool> {
        let admin = &self.admin;
        let kim = json!({"email": "kim@demo.test", "password": PASSWORD, "role": "agent", "name": "Kim"});
        admin.post("/v1/users", &kim).await;
        let kim = Client::sign_in(admin.base(), "kim@demo.test", PASSWORD).await;
        kim.patch("/v1/me/availability", &json!({"status": "available", "capacity": 3})).await;
        let mine = admin.get("/v1/me").await;
        let mut reactions = BTreeMap::new();
        let conversations = admin.list(&format!("/v1/conversations?channel={}", self.telegram)).await;
        for (number, conversation) in conversations.iter().enumerate() {
            let path = format!("/v1/conversations/{}", conversation["id"].as_str().unwrap());
            let to = conversation["last_message"]["id"].clone();
            let answer = json!({"text": "Coming.", "reply_to": to});
            let answer = admin.post(&format!("{path}/messages"), &answer).await;
            let note = json!({"text": "Coming, I hope.", "internal": true});
            admin.post(&format!("{path}/messages"), &note).await;
            admin.patch(&path, &json!({"priority": "high", "assignee": mine["user"]["id"]})).await;
            admin.post(&format!("{path}/read"), &json!({})).await;
            let sent = self.wait_until_sent(&path, &answer).await;
            reactions.extend(self.react(conversation, &sent, number));
            if number.is_multiple_of(2) {
                admin.patch(&path, &json!({"status": "closed"})).await;
            }
        }
        self.customers_come_back(conversations.len()).await;
        let contact = &admin.list("/v1/contacts").await[0];
        let path = format!("/v1/contacts/{}", contact["id"].as_str().unwrap());
        admin.patch(&path, &json!({"name": "Ada L.", "email": "ada@example.org"})).await;
        reactions
    }

    /// Asks for answers to go out, until told to stop; gives those that were accepted.
    pub(crate) async fn answer_until(&self, stop: &CancellationToken) -> Vec<Value> {
        let conversations =
            self.admin.list(&format!("/v1/conversations?status=open&channel={}", self.telegram)).await;
        let mut accepted = Vec::new();
        // About as fast as the provider takes them: it wants a second between two to one chat.
        let mut pace = tokio::time::interval(Duration::from_millis(200));
        for conversation in conversations.iter().cycle() {
            if stop.run_until_cancelled(pace.tick()).await.is_none() {
                break;
            }
            let path = format!("/v1/conversations/{}/messages", conversation["id"].as_str().unwrap());
            let number = accepted.len();
            let (status, answer) =
                self.admin.call("POST", &path, Some(&json!({"text": format!("Coming, {number}.")}))).await;
            if status == 201 {
                accepted.push(answer);
            }
        }
        accepted
    }

    /// How often the provider was given each of these texts.
    pub(crate) fn sent(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for sent in self.provider.simulator.sent() {
            *counts.entry(sent.text).or_default() += 1;
        }
        counts
    }

    /// Ends the broker and takes its disk away.
    pub(crate) async fn lose_bus(&self) {
        let mut server = self.server.lock().await;
        server.lose_disk();
        server.restart().await;
    }

    /// Runs a command of `weft` beside the fleet.
    pub(crate) async fn weft(&self, arguments: &[&str]) -> Output {
        let variables: Vec<(&str, &str)> =
            self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Weft::command(self.folder.path(), arguments, &variables).await
    }

    /// Waits until nothing waits in an outbox: what is in the databases is on the bus.
    pub(crate) async fn wait_for_outboxes(&self) {
        eventually("the outboxes are empty", PATIENCE, async || {
            for service in ["conversation", "directory", "automation"] {
                let age = self.fleet.process().store(service).unwrap().outbox_age_seconds().await.unwrap();
                if age > 0.0 {
                    return None;
                }
            }
            Some(())
        })
        .await;
    }

    pub(crate) async fn stop(self) {
        self.fleet.stop().await;
        drop((self.folder, self.database));
    }

    async fn post_repeated_webhook(&self) {
        let person = json!({"id": FIRST, "is_bot": false, "first_name": "Ada"});
        let update = json!({"update_id": 900_000_000, "message": {"message_id": 900_000, "date": 1_767_225_600, "from": person,
            "chat": {"id": FIRST, "type": "private", "first_name": "Ada"}, "text": "one more order"}});
        let headers = [("x-telegram-bot-api-secret-token", SECRET)];
        let path = format!("/hooks/telegram/{}", self.telegram);
        let answer = Client::nobody(&self.fleet.base).post_raw(&path, &headers, &update.to_string()).await;
        assert_eq!(answer.unwrap(), 200);
    }

    async fn visitor_writes(&self, visitor: usize) {
        let nobody = Client::nobody(&self.fleet.base);
        let path = format!("/webchat/{}", self.webchat);
        let session =
            nobody.post(&format!("{path}/sessions"), &json!({"name": format!("Ada {visitor}")})).await;
        let page = nobody.with_token(session["session_token"].as_str().unwrap());
        for number in 0..3 {
            let message = json!({"client_id": uuid::Uuid::new_v4(), "text": format!("order {number}")});
            page.post(&format!("{path}/messages"), &message).await;
        }
    }

    /// Every second customer reacts and changes their mind; the others take it back.
    fn react(&self, conversation: &Value, sent: &Value, number: usize) -> Vec<(String, bool)> {
        let ours = sent["provider_message_id"].as_str().unwrap();
        let (chat, message) = ours.split_once(':').unwrap();
        let (chat, message_id) = (chat.parse().unwrap(), message.parse().unwrap());
        let react = |emoji: Option<&str>| {
            let content = Content::Reaction { message_id, emoji: emoji.map(str::to_owned) };
            self.provider.simulator.customer_says(chat, content).unwrap();
        };
        let author = conversation["contact"]["id"].as_str().unwrap();
        let id = |emoji: &str| format!("{} {author} {emoji}", sent["id"].as_str().unwrap());
        react(Some("👍"));
        if number.is_multiple_of(2) {
            react(Some("🔥"));
            return vec![(id("👍"), true), (id("🔥"), false)];
        }
        react(None);
        vec![(id("👍"), true)]
    }

    async fn customers_come_back(&self, conversations: usize) {
        for customer in FIRST..FIRST + CUSTOMERS {
            self.provider.simulator.customer_says(customer, text("And my other order?")).unwrap();
        }
        let closed = conversations.div_ceil(2);
        let path = format!("/v1/conversations?channel={}", self.telegram);
        eventually("who was closed has a new conversation", PATIENCE, async || {
            let all = self.admin.list(&path).await;
            let said = |one: &Value| one["last_message"]["text"] == "And my other order?";
            (all.len() == conversations + closed
                && all.iter().filter(|one| said(one)).count() == conversations)
                .then_some(())
        })
        .await;
    }

    async fn wait_until_sent(&self, conversation: &str, answer: &Value) -> Value {
        let path = format!("{conversation}/messages");
        eventually("the answer is sent", PATIENCE, async || {
            let all = self.admin.list(&path).await;
            all.into_iter().find(|message| message["id"] == answer["id"] && message["state"] == "sent")
        })
        .await
    }

    async fn wait_for_messages(&self, count: usize) {
        eventually("all messages are there", PATIENCE, async || {
            let conversations = self.admin.list("/v1/conversations").await;
            let seqs = conversations.iter().filter_map(|one| one["last_seq"].as_u64()).sum::<u64>();
            (usize::try_from(seqs).unwrap() == count).then_some(())
        })
        .await;
    }
}

/// The users of `weft emit nats`, readers among them, and one for a fleet in one process.
pub(crate) fn users(folder: &Path, readers: &str) -> String {
    let settings = Settings::from_parts(readers, Vec::new()).unwrap();
    let users = nats::users(&settings);
    let keys = nats::make_keys(&users, &folder.join("seeds")).unwrap();
    let emitted = nats::files(&users).into_iter().find(|(name, _)| *name == "users.conf").unwrap().1;
    let everything = "users: [\n    { user: fleet, password: fleet }\n";
    let text = emitted.replacen("users: [\n", everything, 1);
    text.replace("include \"keys.conf\"", &keys)
}

fn text(words: &str) -> Content {
    Content::Text(words.to_owned())
}
