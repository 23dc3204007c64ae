use std::time::Duration;

use http::Method;
use serde_json::{Map, Value};
use weft_channel::{Adapter, Files, ProviderCall, Retry};

use super::Subject;
use crate::player::{Played, Player};

/// What an answer must lead to.
struct Row {
    what: &'static str,
    answer: Played,
    retry: Retry,
    /// The error's code, where all adapters agree.
    code: Option<&'static str>,
}

/// What a provider may answer, and what has to be done about it.
pub(super) async fn check<A: Adapter>(subject: &Subject<'_, A>) -> Vec<String> {
    let mut whys = Vec::new();
    let message = subject.text("Hello");
    for row in table() {
        // adapters that do several calls for one message fail at the first
        let player = Player::new([row.answer.clone()]);
        let sent = subject.adapter.send(&subject.account, &message, &Files::default(), &player).await;
        let Err(error) = sent else {
            whys.push(format!("answers: {}: must not count as sent", row.what));
            continue;
        };
        if error.retry() != row.retry {
            whys.push(format!(
                "answers: {}: {:?} expected, found {:?} ({error})",
                row.what,
                row.retry,
                error.retry()
            ));
        }
        if row.code.is_some_and(|code| code != error.code()) {
            whys.push(format!("answers: {}: code {:?} expected, found {}", row.what, row.code, error.code()));
        }
        let shown = format!("{error} {error:?} {:?}", player.calls());
        if let Some(name) = subject.secrets.shown_in(&shown) {
            whys.push(format!("answers: {}: `{name}` shows in the error or a call's debug output", row.what));
        }
        // whoever is in doubt may look whether it went
        let may_look = row.retry == Retry::AskPerson;
        let looks = |call: &&ProviderCall| may_look && call.method == Method::GET;
        if player.calls().is_empty() || !player.calls().iter().skip(1).all(|call| looks(&call)) {
            whys.push(format!(
                "answers: {}: the adapter called {} times; only the host retries",
                row.what,
                player.calls().len()
            ));
        }
        for call in player.calls() {
            let in_time = call.timeout > Duration::ZERO && call.timeout <= Duration::from_secs(120);
            if !in_time || call.endpoint_class.is_empty() {
                whys.push(format!("answers: {}: a call needs a timeout and an endpoint class", row.what));
            }
        }
    }
    whys
}

fn table() -> Vec<Row> {
    let html = "<html><body><h1>Something</h1></body></html>";
    let row = |what, answer, retry, code| Row { what, answer, retry, code };
    let throttled = Played { headers: retry_after("7"), ..Played::text(429, "") };
    let odd_wait = Played { headers: retry_after("soon"), ..Played::text(429, "{}") };
    vec![
        row("429 with Retry-After", throttled, Retry::After(Duration::from_secs(7)), Some("throttled")),
        row("429 without Retry-After", Played::text(429, "{}"), Retry::Backoff, Some("throttled")),
        row("429 with a strange Retry-After", odd_wait, Retry::Backoff, Some("throttled")),
        row("429 from a gateway", Played::text(429, html), Retry::Backoff, Some("throttled")),
        row("500 without a body", Played::text(500, ""), Retry::Backoff, None),
        row("500 as JSON", Played::text(500, "{\"error\":\"internal\"}"), Retry::Backoff, None),
        row("502 from a gateway", Played::text(502, html), Retry::Backoff, None),
        row("503 from a gateway", Played::text(503, html), Retry::Backoff, None),
        row("504 from a gateway", Played::text(504, html), Retry::AskPerson, Some("unclear")),
        row("no connection", Played::error("unreachable"), Retry::Backoff, Some("unreachable")),
        row("connection lost or timeout", Played::error("interrupted"), Retry::AskPerson, Some("unclear")),
        row("an address we do not call", Played::error("refused"), Retry::Never, None),
        row("an answer without end", Played::error("too_large"), Retry::AskPerson, None),
        row(
            "200 with garbage",
            Played::text(200, "\u{1}\u{2}not json"),
            Retry::AskPerson,
            Some("unreadable_answer"),
        ),
        row("200 with a page", Played::text(200, html), Retry::AskPerson, Some("unreadable_answer")),
        row("200 with nothing", Played::text(200, ""), Retry::AskPerson, Some("unreadable_answer")),
        row("200 with other JSON", Played::text(200, "[1,2]"), Retry::AskPerson, Some("unreadable_answer")),
        row("400 with garbage", Played::text(400, "oops"), Retry::Never, None),
        row("401", Played::text(401, "{}"), Retry::Never, Some("account_invalid")),
        row("403 from a gateway", Played::text(403, html), Retry::Never, None),
        row("404 with a page", Played::text(404, html), Retry::Never, None),
        row("413 from a gateway", Played::text(413, html), Retry::Never, Some("message_invalid")),
    ]
}

fn retry_after(text: &str) -> Map<String, Value> {
    std::iter::once(("retry-after".to_owned(), text.into())).collect()
}
