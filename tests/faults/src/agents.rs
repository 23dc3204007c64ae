use std::{sync::Arc, time::Duration};

use serde_json::json;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use weft_tests_fleet::Client;

use crate::ledger::{Ledger, Line, Way};

/// Slower than what an adapter lets through to one person.
const PACE: Duration = Duration::from_millis(2_500);
const BROWSER_WAITS: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_millis(300);

/// An agent answers one customer until `stop`, and repeats each answer under its key until it is accepted.
pub(crate) async fn answer(
    gateway: Client,
    conversation: String,
    customer: usize,
    ledger: Arc<Ledger>,
    stop: CancellationToken,
    over: CancellationToken,
) {
    let line = Line { way: Way::Out, customer };
    let path = format!("/v1/conversations/{conversation}/messages");
    for number in 1.. {
        let text = ledger.text(line, number);
        let (body, bearer) = (json!({"text": text}).to_string(), format!("Bearer {}", gateway.token()));
        loop {
            let headers = [("authorization", bearer.as_str()), ("idempotency-key", text.as_str())];
            let call = timeout(BROWSER_WAITS, gateway.post_raw(&path, &headers, &body));
            match over.run_until_cancelled(call).await {
                None => return,
                Some(Ok(Ok(200..=299))) => break,
                Some(_) => sleep(AGAIN).await,
            }
        }
        ledger.accept(line, number);
        if stop.run_until_cancelled(sleep(PACE)).await.is_none() {
            return;
        }
    }
}
