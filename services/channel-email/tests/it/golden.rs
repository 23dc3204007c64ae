//! The golden cases, played over the simulated mail system.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use weft_channel::{Event, Files, Inbound, Outbound, Receipt, Received, SendError};
use weft_channel_email::{Account, simulator::ADDRESS};
use weft_channel_testkit::{Scene, Step, golden_received, golden_sent};

use crate::rig::{Rig, TestClock};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");

#[tokio::test]
async fn each_kind_of_mail_is_read_as_its_case_says() {
    golden_received(FOLDER, async |scene: Scene<Account>| Box::pin(read(json!({}), scene)).await).await;
}

#[tokio::test]
async fn each_kind_of_mail_is_read_the_same_over_the_gmail_api() {
    golden_received(FOLDER, async |scene: Scene<Account>| {
        Box::pin(read(json!({"mode": "gmail"}), scene)).await
    })
    .await;
}

#[tokio::test]
async fn each_kind_of_message_is_written_as_its_case_says() {
    golden_sent(FOLDER, async |scene: Scene<Account>, message: Outbound, files: Files| {
        let stage = Box::pin(Stage::set(json!({}), scene.account, scene.before)).await;
        Box::pin(stage.send(message, &files)).await
    })
    .await;
}

async fn read(mode: Value, scene: Scene<Account>) -> Vec<Received> {
    let Scene { account, before, arrives } = scene;
    Stage::set(mode, account, before).await.read(arrives).await
}

struct Stage {
    rig: Rig,
    /// How many mails the account sent before.
    sent: usize,
}

fn instant() -> DateTime<Utc> {
    "2026-01-15T09:30:00Z".parse().unwrap()
}

impl Stage {
    async fn set(mode: Value, account: Account, before: Vec<Step>) -> Self {
        let mut rig = Rig::start_at(mode, Arc::new(TestClock::stopped(instant()))).await;
        rig.simulator.stop_clock(instant());
        rig.mailbox.be(account);
        rig.mailbox.connect().await.unwrap();
        let mut stage = Self { rig, sent: 0 };
        for step in before {
            match step {
                Step::Arrives(raw) => drop(stage.read(vec![raw]).await),
                Step::Sends(message) => {
                    stage.rig.mailbox.send(*message, &Files::default()).await.unwrap();
                    stage.sent += 1;
                }
            }
        }
        stage
    }

    /// What becomes of each mail.
    async fn read(&mut self, arrives: Vec<Vec<u8>>) -> Vec<Received> {
        let mut became = Vec::new();
        for raw in arrives {
            self.rig.simulator.deliver(ADDRESS, raw);
            let mut received = self.rig.mailbox.received().await;
            received.routes.clear();
            received.events.iter_mut().for_each(without_spots);
            became.push(received);
        }
        became
    }

    async fn send(&self, message: Outbound, files: &Files) -> (Result<Receipt, SendError>, Vec<String>) {
        let result = self.rig.mailbox.send(message, files).await;
        let sent = self.rig.simulator.sent();
        let written = sent.get(self.sent).map(|mail| {
            let raw = String::from_utf8_lossy(&mail.raw).replace("\r\n", "\n");
            let envelope =
                [format!("MAIL FROM:<{}>", mail.from), format!("RCPT TO:<{}>", mail.to.join(">,<"))];
            let lines = with_plain_boundaries(raw);
            envelope.into_iter().chain(lines.lines().map(str::to_owned)).collect()
        });
        (result, written.unwrap_or_default())
    }
}

/// Where a mail lies is another thing in each mode.
fn without_spots(event: &mut Inbound) {
    let Some(Event::Message(message)) = &mut event.event else { return };
    for media in &mut message.media {
        let reference: Value = serde_json::from_str(&media.reference).unwrap();
        media.reference = json!({"p": reference["p"]}).to_string();
    }
}

/// Boundaries are made anew each time.
fn with_plain_boundaries(raw: String) -> String {
    let found: Vec<String> = raw
        .split("boundary=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next().map(str::to_owned))
        .collect();
    found.iter().enumerate().fold(raw, |text, (index, boundary)| {
        text.replace(boundary.as_str(), &format!("boundary-{}", index + 1))
    })
}
