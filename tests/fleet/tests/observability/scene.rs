use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use weft_channel_telegram::simulator::Content;
use weft_tests_fleet::{Client, Live, Provider, Weft};

use crate::scrape::Scrape;

/// What must show nowhere but in the database: secrets, names, words.
pub(crate) const CANARIES: [&str; 11] = [
    PASSWORD,
    WRONG_PASSWORD,
    WEBHOOK_SECRET,
    BOT_TOKEN,
    CUSTOMER,
    QUESTION,
    ANSWER,
    PHONE,
    CARD,
    PERSON,
    FORGED,
];
const PASSWORD: &str = "canary password of the admin 71f0c";
const WRONG_PASSWORD: &str = "canary password that is wrong 2e9a4";
const WEBHOOK_SECRET: &str = "canary-webhook-secret-3d7b1";
/// A part of the token of the simulated bot.
const BOT_TOKEN: &str = "AASimulatedSimulated";
const CUSTOMER: &str = "Canarymund";
const QUESTION: &str = "canary question 4c8e0";
const ANSWER: &str = "canary answer 5b6d7";
const PHONE: &str = "+4915500009988";
const CARD: &str = "Canaryhild";
const PERSON: &str = "canary.agent.6a2f@demo.test";
const FORGED: &str = "canary-forged-secret-90be2";
const CHAT: i64 = 1_000_000_007;

/// Weft as a process of its own, with a provider and some life.
pub(crate) struct Scene {
    pub(crate) base: String,
    pub(crate) provider: Provider,
    admin: Client,
    channel: String,
    weft: Weft,
    folder: TempDir,
}

impl Scene {
    /// Starts Weft with these variables besides, and connects a channel.
    pub(crate) async fn start(besides: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = format!("exec '{}' up --demo 2>log", Weft::path().display());
        let mut variables = vec![
            ("WEFT_GATEWAY__LISTEN", "127.0.0.1:0"),
            ("WEFT_HTTP__ALLOW_PRIVATE", "true"),
            ("WEFT_BOOTSTRAP__ADMIN_PASSWORD", PASSWORD),
        ];
        variables.extend(besides);
        let mut weft = Weft::script(folder.path(), &script, &variables);
        let base = weft.answers_at().await;
        let admin = Client::sign_in(&base, "admin@demo.test", PASSWORD).await;
        let provider = Provider::start().await;
        let channel = provider.connect_at(&admin, WEBHOOK_SECRET).await;
        Self { base, provider, admin, channel, weft, folder }
    }

    /// A customer writes and gets three answers in a row; somebody forges a call, somebody guesses a password. Gives the
    /// secrets that were made on the way.
    pub(crate) async fn play(&self) -> Vec<String> {
        let mut live = Live::subscribe(&self.admin).await;
        let simulator = &self.provider.simulator;
        simulator.add_customer(CHAT, CUSTOMER, "en");
        simulator.customer_says(CHAT, Content::Text(QUESTION.to_owned())).unwrap();
        let asked = live.event("message.created", |data| Some(data["message"].clone())).await;
        let card = Content::Contact { phone: PHONE.to_owned(), name: CARD.to_owned() };
        simulator.customer_says(CHAT, card).unwrap();
        live.event("message.created", |_| Some(())).await;

        let path = format!("/v1/conversations/{}/messages", asked["conversation_id"].as_str().unwrap());
        for number in 0..3 {
            self.admin.post(&path, &json!({"text": format!("{ANSWER} {number}")})).await;
        }
        let mut sent = 0;
        live.event("message.updated", |data| {
            sent += usize::from(data["message"]["state"] == "sent");
            (sent == 3).then_some(())
        })
        .await;
        self.call_forged_and_useless().await;
        self.make_people().await
    }

    async fn call_forged_and_useless(&self) {
        let path = format!("/hooks/telegram/{}", self.channel);
        let call = async |secret: &str, body: &Value| {
            let headers = [("x-telegram-bot-api-secret-token", secret)];
            self.admin.post_raw(&path, &headers, &body.to_string()).await.unwrap()
        };
        let update = json!({"update_id": 900_001, "of_another_world": {}});
        assert_eq!(call(FORGED, &update).await, 401);
        assert_eq!(call(WEBHOOK_SECRET, &update).await, 200);
    }

    async fn make_people(&self) -> Vec<String> {
        let wrong = json!({"email": "admin@demo.test", "password": WRONG_PASSWORD});
        assert_eq!(self.admin.call("POST", "/v1/auth/login", Some(&wrong)).await.0, 401);
        let person =
            json!({"email": PERSON, "name": "Agent", "role": "agent", "password": format!("{PASSWORD} 2")});
        self.admin.post("/v1/users", &person).await;
        let made = self.admin.post("/v1/api-tokens", &json!({"name": "Test"})).await;
        let tokens = [self.admin.token(), made["token"].as_str().unwrap()];
        tokens.map(str::to_owned).to_vec()
    }

    /// What `/metrics` shows.
    pub(crate) async fn scrape(&self) -> Scrape {
        let nobody = Client::nobody(&self.base);
        let answer = nobody.send(nobody.request("GET", "/metrics")).await;
        assert_eq!(answer.status, 200);
        Scrape::read(std::str::from_utf8(&answer.body).unwrap())
    }

    /// Stops as a cluster does, and gives what was logged.
    pub(crate) async fn stop(self) -> String {
        let log = self.folder.path().join("log");
        let ended = tokio::time::timeout(Duration::from_secs(30), self.weft.terminate()).await;
        assert!(ended.unwrap().success(), "{}", std::fs::read_to_string(&log).unwrap());
        std::fs::read_to_string(&log).unwrap()
    }
}
