use std::{sync::Arc, time::Duration};

use serde_json::json;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use weft_tests_fleet::Client;

use crate::ledger::{Ledger, Line, Way};

/// What the played provider proves itself with.
pub(crate) const SECRET: &str = "fault-secret-0123456789";
/// The first customer's chat at the provider.
pub(crate) const FIRST_CHAT: i64 = 1_000_000_001;

/// How long a customer thinks between two messages.
const PACE: Duration = Duration::from_millis(250);
/// How long the provider waits for an answer, and before it calls again.
const PROVIDER_WAITS: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_millis(200);

/// One customer writes one message after the other until `stop`; the provider repeats each until it is accepted.
pub(crate) async fn write(
    edge: Client,
    path: String,
    customer: usize,
    ledger: Arc<Ledger>,
    stop: CancellationToken,
    over: CancellationToken,
) {
    let line = Line { way: Way::In, customer };
    for number in 1.. {
        let body = update(&ledger, line, number);
        loop {
            let headers = [("x-telegram-bot-api-secret-token", SECRET)];
            let call = timeout(PROVIDER_WAITS, edge.post_raw(&path, &headers, &body));
            // Once it is over nobody repeats any more: that one stays in doubt.
            match over.run_until_cancelled(call).await {
                None => return,
                Some(Ok(Ok(200))) => break,
                Some(_) => sleep(AGAIN).await,
            }
        }
        ledger.accept(line, number);
        if stop.run_until_cancelled(sleep(PACE)).await.is_none() {
            return;
        }
    }
}

fn update(ledger: &Ledger, line: Line, number: usize) -> String {
    let text = ledger.text(line, number);
    let chat = FIRST_CHAT + i64::try_from(line.customer).unwrap();
    // The provider's numbers are its own; ours follow from the words, so that a repetition is one.
    let id = text.bytes().fold(7_i64, |sum, byte| (sum * 31 + i64::from(byte)) % 1_000_000_007);
    let person = json!({"id": chat, "is_bot": false, "first_name": format!("Customer {}", line.customer)});
    let message = json!({"message_id": id, "date": 1_767_225_600, "from": person,
        "chat": {"id": chat, "type": "private", "first_name": "Customer"}, "text": text});
    json!({"update_id": id, "message": message}).to_string()
}
