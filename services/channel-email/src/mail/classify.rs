//! Whether a program wrote a mail, and what it says of it.

use super::headers::Headers;

/// What a mail's headers say about who wrote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Signs {
    /// A program answered: out of office, a receipt, a robot.
    pub(crate) automatic: bool,
    /// It went to many: a list, a newsletter.
    pub(crate) bulk: bool,
    /// A mail server reports on a mail of ours.
    pub(crate) bounce: bool,
}

impl Signs {
    /// Whether no program may answer it.
    pub(crate) fn silence_robots(self) -> bool {
        self.automatic || self.bulk || self.bounce
    }
}

/// How subjects of absent people begin: the last resort, for programs that set no header.
const SUBJECTS: [&str; 7] = [
    "automatic reply:",
    "out of office",
    "autoreply:",
    "abwesenheitsnotiz",
    "réponse automatique",
    "respuesta automática",
    "自動応答",
];
/// Each alone is proof; `X-Auto-Response-Suppress` is none, since some servers put it on everything.
const ROBOTS: [&str; 3] = ["x-autoreply", "x-autorespond", "x-autoresponder"];
const LISTS: [&str; 3] = ["list-id", "list-unsubscribe", "feedback-id"];
const SERVERS: [&str; 2] = ["mailer-daemon", "postmaster"];

/// Reads what the headers say. `sender`: the address in `From`; `report`: what a `multipart/report` reports.
pub(crate) fn signs(headers: &Headers, sender: Option<&str>, subject: &str, report: Option<&str>) -> Signs {
    let submitted = headers.get("auto-submitted").map(word);
    let precedence = headers.get("precedence").map(word).unwrap_or_default();
    let by_header = submitted.is_some_and(|word| !word.is_empty() && word != "no")
        || ROBOTS.iter().any(|name| headers.get(name).is_some())
        || precedence == "auto_reply"
        || report == Some("disposition-notification");
    let lower = subject.trim().to_lowercase();
    let by_subject = SUBJECTS.iter().any(|start| lower.starts_with(start));

    let local = sender.and_then(|address| address.split('@').next()).unwrap_or_default().to_lowercase();
    let from_server = SERVERS.contains(&local.as_str());
    let no_return = headers.get("return-path").is_some_and(|path| path.trim() == "<>");
    let bounce = report == Some("delivery-status")
        || headers.get("x-failed-recipients").is_some()
        || (from_server && no_return);

    let bulk = matches!(precedence.as_str(), "bulk" | "list" | "junk")
        || LISTS.iter().any(|name| headers.get(name).is_some());
    Signs { automatic: by_header || by_subject, bulk, bounce }
}

/// A value without parameters.
fn word(value: &str) -> String {
    value.trim().split([';', ' ', '(']).next().unwrap_or_default().trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(head: &str) -> Signs {
        let headers = Headers::read(head.as_bytes());
        let from = headers.get("from").map(str::to_owned);
        signs(&headers, from.as_deref(), headers.get("subject").unwrap_or_default(), None)
    }

    #[test]
    fn programs_are_told_from_people() {
        let automatic = [
            "Auto-Submitted: auto-replied",
            "Auto-Submitted: auto-generated; owner-email=\"a@example.com\"",
            "AUTO-SUBMITTED:\r\n auto-notified",
            "X-Autoreply: yes",
            "X-Autorespond:",
            "Precedence: auto_reply",
            "Subject: Automatic reply: Order 7",
            "Subject: Abwesenheitsnotiz: Bestellung",
        ];
        for head in automatic {
            assert!(of(head).automatic, "{head}");
        }
        for head in
            ["Auto-Submitted: no", "X-Auto-Response-Suppress: All", "Subject: Re: out of office supplies"]
        {
            assert_eq!(of(head), Signs::default(), "{head}");
        }
        for head in
            ["Precedence: bulk", "List-Id: <a.example.com>", "List-Unsubscribe: <mailto:x@example.com>"]
        {
            assert!(of(head).bulk && !of(head).automatic, "{head}");
        }
        assert!(of("Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.net").bounce);
        assert!(of("X-Failed-Recipients: a@example.com").bounce);
        assert!(!of("From: postmaster@example.com").bounce);
    }
}
