//! What mail servers and mail programs report about a mail of ours.

use crate::{
    errors,
    mail::{Headers, ids},
};

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// How delivering went.
    Delivery {
        /// The id of the mail it is about.
        of: Option<String>,
        /// One entry for each recipient.
        recipients: Vec<Recipient>,
    },
    /// It was opened.
    Read {
        /// The id of the mail it is about.
        of: Option<String>,
    },
}

/// How delivering to one recipient went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recipient {
    /// `failed`, `delayed`, `delivered`, `relayed` or `expanded`.
    pub(crate) action: String,
    /// Like `5.1.1`.
    pub(crate) status: String,
    /// The address.
    pub(crate) address: String,
}

impl Recipient {
    /// Why it failed, in plain words.
    pub(crate) fn reason(&self) -> String {
        let why = errors::words(&self.status).unwrap_or("the other mail server does not take it");
        format!("it came back: {why}")
    }
}

/// The blocks of a `message/delivery-status` part; the first is about the mail as a whole.
pub(crate) fn recipients(status: &str) -> Vec<Recipient> {
    let normal = status.replace("\r\n", "\n");
    normal
        .split("\n\n")
        .map(|block| Headers::read(block.trim_start().as_bytes()))
        .filter_map(recipient)
        .collect()
}

fn recipient(block: Headers) -> Option<Recipient> {
    let action = block.get("action")?.to_lowercase();
    let said = block.get("diagnostic-code").unwrap_or_default();
    let status =
        block.get("status").and_then(errors::enhanced).or_else(|| errors::enhanced(said)).unwrap_or_default();
    let address = block.get("final-recipient").or(block.get("original-recipient")).unwrap_or_default();
    let address = address.split_once(';').map_or(address, |(_kind, address)| address).trim().to_owned();
    Some(Recipient { action, status, address })
}

/// The mail that a server of the old kind sent back, found in its text.
pub(crate) fn id_in_text(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let line = line.trim_start_matches(['>', ' ', '|']);
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("message-id").then(|| ids(value).into_iter().next())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_recipient_of_a_report_is_read() {
        let status = "Reporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; nobody@example.net\r\n\
                      Action: Failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 User\r\n unknown\r\n\r\n\
                      Final-Recipient: rfc822; late@example.net\r\nAction: delayed\r\nStatus: 4.4.1 (nobody answers)\r\n";
        let read = recipients(status);
        assert_eq!(read.len(), 2);
        let first = &read[0];
        assert_eq!(
            (&*first.action, &*first.status, &*first.address),
            ("failed", "5.1.1", "nobody@example.net")
        );
        assert_eq!(first.reason(), "it came back: there is no such address");
        assert_eq!((&*read[1].action, &*read[1].status), ("delayed", "4.4.1"));
    }

    #[test]
    fn a_report_without_a_status_takes_it_from_the_diagnosis() {
        let read = recipients("Action: failed\nDiagnostic-Code: smtp; 552-5.2.2 full\n");
        assert_eq!(read[0].status, "5.2.2");
        assert!(recipients("nothing").is_empty() && recipients("").is_empty());
    }

    #[test]
    fn a_mail_that_was_sent_back_as_text_is_found() {
        let text = "Sorry.\n\n> Subject: x\n> Message-ID: <out-77@example.com>\n";
        assert_eq!(id_in_text(text).as_deref(), Some("out-77@example.com"));
        assert_eq!(id_in_text("no id"), None);
    }
}
