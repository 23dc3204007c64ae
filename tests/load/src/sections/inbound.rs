use std::time::Duration;

use anyhow::{Result, ensure};
use hdrhistogram::Histogram;

use crate::{
    Reader, Rig, Way, drive,
    hose::Call,
    rig::{SECRET, chat_of},
};

/// A minute after the last webhook everything has to be on the sockets.
const DRAINED: Duration = Duration::from_secs(60);
/// A step whose last message is this late has left a backlog.
const PROMPT: Duration = Duration::from_secs(1);
const WARM_UP_RATE: u32 = 200;

/// How a step went.
pub struct Outcome {
    /// How many webhooks were meant to be sent.
    pub sent: u64,
    /// How many were answered with 200.
    pub accepted: u64,
    /// From when each was meant to be sent until it was on a socket, in microseconds.
    pub latency: Histogram<u64>,
    /// Whether all that was accepted was on all sockets in the end.
    pub complete: bool,
    /// Whether all that was sent was accepted and on all sockets within a second of the last answer.
    pub prompt: bool,
}

impl Outcome {
    /// Whether the rate was sustained: all accepted, 99 % within a second, no backlog.
    pub fn is_sustained(&self) -> bool {
        self.prompt && self.latency.value_at_quantile(0.99) <= 1_000_000
    }
}

/// Customers write through the provider at this rate for so long, while one agent listens at each gateway.
pub async fn step(rig: &Rig, rate: u32, length: Duration) -> Result<Outcome> {
    let mut readers = Vec::new();
    for gateway in rig.gateways() {
        readers.push(Reader::start(*gateway, rig.admin.token(), rig.journal.clone()).await?);
    }
    let sockets = u32::try_from(readers.len())?;
    let count = u64::from(rate) * length.as_secs();
    let block = rig.journal.plan(Way::In, rate, usize::try_from(count)?);
    let path = format!("/hooks/telegram/{}", rig.channel);
    let customers = rig.options.customers;
    let kept_up = drive(&rig.journal, &block, |number| {
        let (hooks, journal, block, path) =
            (rig.hooks.clone(), rig.journal.clone(), block.clone(), path.clone());
        async move {
            let body = Some(update(number, customers, &journal.text(number)));
            let call = Call { path: &path, header: ("x-telegram-bot-api-secret-token", SECRET), body };
            let answer = hooks.call(call, || block.post(number, journal.now())).await;
            if answer.is_ok_and(|answer| answer.status == 200) {
                block.accept(number, journal.now());
            }
        }
    })
    .await;
    let accepted = block.accepted();
    let prompt = block.all_seen(sockets, PROMPT).await && kept_up && accepted == count;
    let complete = prompt || block.all_seen(sockets, DRAINED).await;
    ensure!(readers.iter().all(Reader::is_connected), "a gateway has cut a socket off at {rate}/s");
    Ok(Outcome { sent: count, accepted, latency: block.latency(), complete, prompt })
}

/// Each customer writes once, so that contacts and conversations exist before anything is measured.
pub async fn warm_up(rig: &Rig) -> Result<()> {
    let seconds = rig.options.customers.div_ceil(u64::from(WARM_UP_RATE));
    let outcome = step(rig, WARM_UP_RATE, Duration::from_secs(seconds)).await?;
    ensure!(outcome.complete, "{} of {} webhooks arrived", outcome.latency.len(), outcome.accepted);
    Ok(())
}

/// One update of one of the customers, as the provider posts it.
fn update(number: u64, customers: u64, text: &str) -> String {
    let customer = number % customers;
    let (chat, update_id) = (chat_of(customer), 900_000_000 + number);
    format!(
        r#"{{"update_id":{update_id},"message":{{"message_id":{number},"date":1767225600,"from":{{"id":{chat},"is_bot":false,"first_name":"Customer {customer}"}},"chat":{{"id":{chat},"type":"private","first_name":"Customer {customer}"}},"text":"{text}"}}}}"#
    )
}
