use weft_channel::Outbound;

/// Where a message goes: a channel, and the message there that its thread hangs on.
pub(super) struct Destination<'a> {
    pub(super) channel: &'a str,
    pub(super) thread_ts: Option<&'a str>,
    pub(super) warnings: Vec<String>,
}

impl<'a> Destination<'a> {
    pub(super) fn of(message: &'a Outbound) -> Self {
        let (channel, root) = match message.thread_id.split_once('/') {
            Some((channel, root)) => (channel, Some(root)),
            None => (message.thread_id.as_str(), None),
        };
        // an answer hangs on what it answers, unless all is in one thread already
        let answered = message.reply_to.as_deref().filter(|_| root.is_none());
        let quoted =
            answered.and_then(|id| id.split_once(':')).filter(|(place, ts)| *place == channel && is_ts(ts));
        let is_lost = answered.is_some() && quoted.is_none();
        let warnings =
            if is_lost { vec!["Slack cannot show which message is answered".to_owned()] } else { Vec::new() };
        Self { channel, thread_ts: root.or(quoted.map(|(_, ts)| ts)), warnings }
    }
}

fn is_ts(text: &str) -> bool {
    text.contains('.') && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_hangs_on_what_it_answers() {
        let table = [
            ("D1", None, ("D1", None, 0)),
            ("D1", Some("D1:1.000001"), ("D1", Some("1.000001"), 0)),
            ("D1", Some("D2:1.000001"), ("D1", None, 1)),
            ("D1", Some("action:D1:1.000001:U1"), ("D1", None, 1)),
            ("C1/2.000002", None, ("C1", Some("2.000002"), 0)),
            ("C1/2.000002", Some("C1:3.000003"), ("C1", Some("2.000002"), 0)),
        ];
        for (thread_id, reply_to, expected) in table {
            let message = Outbound {
                thread_id: thread_id.to_owned(),
                reply_to: reply_to.map(str::to_owned),
                ..Outbound::default()
            };
            let to = Destination::of(&message);
            assert_eq!((to.channel, to.thread_ts, to.warnings.len()), expected);
        }
    }
}
