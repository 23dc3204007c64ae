//! Every service in a process of its own, as its own NATS user, over TLS.

use std::{collections::BTreeMap, path::Path};

use serde_json::json;
use weft_channel_telegram::simulator::Content;
use weft_directory::bootstrap;
use weft_fleet::{Plan, Process, Settings, migrate_everything, nats, roster};
use weft_testkit::{Certificates, Database, Nats, TempDir, free_port, temp_dir};
use weft_tests_fleet::{Client, Live, PASSWORD, Provider};

const ADA: i64 = 1_000_000_001;
/// The services that others call.
const CALLED: [&str; 8] =
    ["directory", "conversation", "media", "automation", "analytics", "compliance", "dead-letters", "voice"];

/// The services apart, the first of the roster first.
pub(crate) struct Apart {
    pub(crate) processes: Vec<(&'static str, Process)>,
    pub(crate) nats: Nats,
    pub(crate) ours: Certificates,
    pub(crate) ports: BTreeMap<&'static str, u16>,
    folder: TempDir,
    database: Database,
}

impl Apart {
    pub(crate) async fn start() -> Self {
        let folder = temp_dir();
        let ours = Certificates::new(folder.path(), "ours");
        let nats = start_nats(folder.path(), &ours).await;
        let database = weft_testkit::postgres().await.database().await;
        let ports = CALLED.map(|service| (service, free_port())).into_iter().collect();
        let mut apart = Self { processes: Vec::new(), nats, ours, ports, folder, database };
        migrate_everything(apart.settings("migrate")).await.unwrap();
        for entry in roster::ENTRIES {
            let plan = Plan { services: vec![entry.name], migrate: false };
            let process = Process::start(apart.settings(entry.name), plan, String::new).await.unwrap();
            apart.processes.push((entry.name, process));
        }
        let store = apart.process("directory").store("directory").unwrap();
        bootstrap::ensure_demo(store, "admin@demo.test", Some(PASSWORD.to_owned().into())).await.unwrap();
        apart
    }

    pub(crate) fn process(&self, service: &str) -> &Process {
        &self.processes.iter().find(|(name, _)| *name == service).unwrap().1
    }

    pub(crate) async fn admin(&self) -> Client {
        let base = format!("http://{}", self.process("gateway").listen);
        let admin = Client::sign_in(&base, "admin@demo.test", PASSWORD).await;
        admin.wait_for_kinds().await;
        admin
    }

    pub(crate) async fn stop(self) -> Nats {
        for (_, process) in self.processes.into_iter().rev() {
            process.stop().await.unwrap();
        }
        self.nats
    }

    fn settings(&self, user: &str) -> Settings {
        let at = |file: &Path| file.display().to_string();
        let own = self.ours.issue(&[user]);
        let mut variables = vec![
            ("WEFT_DATA__FOLDER".to_owned(), at(self.folder.path())),
            ("WEFT_COMPLIANCE__CHECKPOINT_FOLDER".to_owned(), at(&self.folder.path().join("checkpoints"))),
            ("WEFT_GATEWAY__LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
            ("WEFT_RUN__LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
            ("WEFT_HTTP__ALLOW_PRIVATE".to_owned(), "true".to_owned()),
            ("WEFT_STORE__URL".to_owned(), self.database.service_url.clone()),
            ("WEFT_STORE__OWNER_URL".to_owned(), self.database.owner_url.clone()),
            ("WEFT_STORE__SYSTEM_URL".to_owned(), self.database.system_url.clone()),
            ("WEFT_BUS__URL".to_owned(), self.nats.url()),
            (
                "WEFT_BUS__NKEY_FILE".to_owned(),
                at(&seeds(self.folder.path()).join(user).with_extension("nk")),
            ),
        ];
        for section in ["BUS", "RPC"] {
            variables.extend([
                (format!("WEFT_{section}__CA_FILE"), at(&self.ours.ca_file())),
                (format!("WEFT_{section}__CERT_FILE"), at(&own.cert_file)),
                (format!("WEFT_{section}__KEY_FILE"), at(&own.key_file)),
            ]);
        }
        for (service, port) in &self.ports {
            let name = service.replace('-', "_").to_uppercase();
            variables.push((format!("WEFT_PEERS__{name}"), format!("https://127.0.0.1:{port}")));
        }
        if let Some(port) = self.ports.get(user) {
            variables.push(("WEFT_RUN__RPC_LISTEN".to_owned(), format!("127.0.0.1:{port}")));
        }
        Settings::from_parts("", variables).unwrap()
    }
}

pub(crate) fn seeds(folder: &Path) -> std::path::PathBuf {
    folder.join("seeds")
}

/// The server with the users as they are emitted, and certificates of this test's.
async fn start_nats(folder: &Path, ours: &Certificates) -> Nats {
    let own = ours.issue(&["127.0.0.1"]);
    let (ca, cert, key) = (ours.ca_file(), own.cert_file, own.key_file);
    let tls = format!("tls {{ cert_file: {cert:?}, key_file: {key:?}, ca_file: {ca:?}, verify: true }}");
    Nats::start_with(&format!("{tls}\n{}", users(folder))).await
}

/// Emits the server's files and keys into the test's folder; what includes the users.
pub(crate) fn users(folder: &Path) -> String {
    emit(folder);
    // The server takes this path from its own folder, which is beside the test's.
    format!("include \"../{}/users.conf\"", folder.file_name().unwrap().display())
}

pub(crate) fn emit(folder: &Path) {
    let users = nats::users(&Settings::from_parts("", Vec::new()).unwrap());
    for (name, text) in nats::files(&users) {
        std::fs::write(folder.join(name), text).unwrap();
    }
    std::fs::write(folder.join("keys.conf"), nats::make_keys(&users, &seeds(folder)).unwrap()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_comes_in_and_an_answer_goes_out_and_nobody_is_refused_what_it_needs() {
    let apart = Apart::start().await;
    let admin = apart.admin().await;
    let provider = Provider::start().await;
    provider.connect_at(&admin, "a-secret-of-this-test").await;
    let mut live = Live::subscribe(&admin).await;

    provider.simulator.add_customer(ADA, "Ada", "en");
    provider.simulator.customer_says(ADA, Content::Text("Where is my order?".into())).unwrap();
    let message = live.event("message.created", |data| Some(data["message"].clone())).await;
    assert_eq!(message["text"], "Where is my order?");
    let conversation = message["conversation_id"].as_str().unwrap();
    let path = format!("/v1/conversations/{conversation}/messages");
    let answer = admin.post(&path, &json!({"text": "On its way, Ada."})).await;
    let sent = provider.simulator.wait_for_sent(1).await;
    assert_eq!((sent[0].chat_id, sent[0].text.as_str()), (ADA, "On its way, Ada."));
    live.event("message.updated", |data| {
        let message = &data["message"];
        (message["id"] == answer["id"] && message["state"] == "sent").then_some(())
    })
    .await;
    let nats = apart.stop().await;
    let log = nats.log();
    let refused: Vec<_> = log.lines().filter(|line| line.contains("Violation")).collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}
