use std::time::Duration;

use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weft_channel_telegram::simulator::{Settings, Simulator};

use crate::{Client, Fleet};

/// The token of the simulated bot.
const TOKEN: &str = "700000001:AASimulatedSimulatedSimulatedSimul";

/// A simulated provider, with a channel connected to it.
pub struct Provider {
    /// The provider.
    pub simulator: Simulator,
    /// Where it answers.
    pub base: String,
    stop: CancellationToken,
}

impl Provider {
    /// Starts a provider.
    pub async fn start() -> Self {
        let settings =
            Settings { token: TOKEN.to_owned(), second: Duration::from_millis(50), ..Settings::default() };
        let simulator = Simulator::new(settings).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let (serving, until) = (simulator.clone(), stop.clone());
        #[expect(
            clippy::disallowed_methods,
            reason = "a test's own task, ended when the provider is dropped"
        )]
        tokio::spawn(async move { serving.serve(listener, until).await });
        Self { simulator, base, stop }
    }

    /// Connects a channel of the fleet to it, and gives the channel's id.
    pub async fn connect(&self, fleet: &Fleet, admin: &Client) -> String {
        fleet.connect(admin, "telegram", json!({"api_base": self.base}), json!({"bot_token": TOKEN})).await
    }

    /// Connects a channel of a Weft that runs elsewhere, with a webhook secret of ours, and gives the channel's id.
    pub async fn connect_at(&self, admin: &Client, secret: &str) -> String {
        let body = json!({"kind": "telegram", "name": "Test", "settings": {"api_base": self.base},
            "secrets": {"bot_token": TOKEN, "webhook_secret": secret}});
        let channel = admin.post("/v1/channels", &body).await;
        let id = channel["id"].as_str().unwrap().to_owned();
        crate::fleet::wait_until_connected(admin, &id).await;
        id
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
