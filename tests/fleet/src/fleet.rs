use serde_json::json;
use tempfile::TempDir;
use weft_directory::bootstrap;
use weft_fleet::{Plan, Process, Settings};
use weft_testkit::Database;

use crate::{Client, UNTHROTTLED};

/// The password of the demo's admin in tests.
pub const PASSWORD: &str = "correct horse battery staple";

/// What a fleet stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engines {
    /// SQLite, the embedded bus, the cache in this process.
    Embedded,
    /// PostgreSQL, NATS and Redis, private to the test run.
    Real,
}

/// Every service in this process.
pub struct Fleet {
    /// Where it answers.
    pub base: String,
    process: Process,
    folder: TempDir,
    _database: Option<Database>,
    _servers: Option<(weft_testkit::Nats, weft_testkit::Redis)>,
}

impl Fleet {
    /// Starts all services with the demo's tenant, and waits until every kind of channel is known.
    pub async fn start(engines: Engines) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), engines).await
    }

    /// Like `start`, on the data of an earlier fleet.
    pub async fn start_in(folder: TempDir, engines: Engines) -> Self {
        Self::start_with(folder, engines, &[]).await
    }

    /// Like `start_in`, set up with these variables besides.
    pub async fn start_with(folder: TempDir, engines: Engines, besides: &[(&str, &str)]) -> Self {
        let mut variables = vec![
            ("WEFT_DATA__FOLDER".to_owned(), folder.path().display().to_string()),
            ("WEFT_GATEWAY__LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
            ("WEFT_HTTP__ALLOW_PRIVATE".to_owned(), "true".to_owned()),
        ];
        let (mut database, mut servers) = (None, None);
        if engines == Engines::Real {
            let db = weft_testkit::postgres().await.database().await;
            // Streams belong to a server as a whole, and so do limits by address: each fleet has its own.
            let server = weft_testkit::Nats::start().await;
            variables.push(("WEFT_STORE__URL".to_owned(), db.service_url.clone()));
            variables.push(("WEFT_STORE__OWNER_URL".to_owned(), db.owner_url.clone()));
            variables.push(("WEFT_STORE__SYSTEM_URL".to_owned(), db.system_url.clone()));
            variables.push(("WEFT_BUS__URL".to_owned(), server.url()));
            let redis = weft_testkit::Redis::start().await;
            variables.push(("WEFT_CACHE__URL".to_owned(), redis.url()));
            database = Some(db);
            servers = Some((server, redis));
        }
        variables.extend(
            UNTHROTTLED.iter().chain(besides).map(|&(name, value)| (name.to_owned(), value.to_owned())),
        );
        let settings = Settings::from_parts("", variables).unwrap();
        let process = Process::start(settings, Plan::everything(), String::new).await.unwrap();
        let store = process.store("directory").unwrap();
        bootstrap::ensure_demo(store, "admin@demo.test", Some(PASSWORD.to_owned().into())).await.unwrap();
        let fleet = Self {
            base: format!("http://{}", process.listen),
            process,
            folder,
            _database: database,
            _servers: servers,
        };
        fleet.admin().await.wait_for_kinds().await;
        fleet
    }

    /// The demo's admin, signed in.
    pub async fn admin(&self) -> Client {
        Client::sign_in(&self.base, "admin@demo.test", PASSWORD).await
    }

    /// The process itself.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Connects a channel and waits until its adapter says it works.
    pub async fn connect(
        &self,
        admin: &Client,
        kind: &str,
        settings: serde_json::Value,
        secrets: serde_json::Value,
    ) -> String {
        let body =
            json!({"kind": kind, "name": format!("Test {kind}"), "settings": settings, "secrets": secrets});
        let channel = admin.post("/v1/channels", &body).await;
        let id = channel["id"].as_str().unwrap().to_owned();
        wait_until_connected(admin, &id).await;
        id
    }

    /// Stops everything and gives the data back.
    pub async fn stop(self) -> TempDir {
        self.process.stop().await.unwrap();
        self.folder
    }
}

/// Waits until a channel's adapter says that it works.
pub(crate) async fn wait_until_connected(admin: &Client, id: &str) {
    let path = format!("/v1/channels/{id}");
    weft_testkit::eventually("the channel is connected", std::time::Duration::from_secs(20), async || {
        let channel = admin.get(&path).await;
        assert_ne!(channel["health"]["status"], "failed", "{channel}");
        (channel["health"]["status"] == "connected").then_some(())
    })
    .await;
}
