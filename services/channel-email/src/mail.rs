//! What a mail says, whoever made it and however badly.

mod bounds;
mod calendar;
mod charset;
mod classify;
mod encoded_words;
mod headers;
mod html;
mod parts;
mod quote;
pub(crate) mod subject;
mod text;

pub(crate) use classify::Signs;
pub(crate) use headers::{Headers, ids};
pub(crate) use parts::MailFile;

use chrono::{DateTime, Utc};
use mail_parser::{Address, Message, MimeHeaders as _};
use sha2::{Digest as _, Sha256};

use bounds::Parsed;

use crate::{
    report::{self, Report},
    store::Mailbox,
};

/// Ids beyond these are not looked at.
const MOST_IDS: usize = 100;
const MOST_ADDRESSES: usize = 200;
const LONGEST_SUBJECT: usize = 500;
const LONGEST_NAME: usize = 200;

/// A mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mail {
    /// Without the angle brackets.
    pub(crate) message_id: Option<String>,
    pub(crate) in_reply_to: Vec<String>,
    pub(crate) references: Vec<String>,
    pub(crate) subject: String,
    pub(crate) from: Option<Mailbox>,
    pub(crate) reply_to: Vec<Mailbox>,
    pub(crate) to: Vec<Mailbox>,
    pub(crate) cc: Vec<Mailbox>,
    /// The addresses it was delivered to, as servers note them.
    pub(crate) delivered_to: Vec<String>,
    pub(crate) date: Option<DateTime<Utc>>,
    /// All its words.
    pub(crate) text: String,
    /// Its words without what it quotes, when that is less.
    pub(crate) visible: Option<String>,
    /// Its words as HTML, as they came.
    pub(crate) html: Option<String>,
    pub(crate) files: Vec<MailFile>,
    /// Invitations to meetings, in words.
    pub(crate) invitations: Vec<String>,
    pub(crate) signs: Signs,
    pub(crate) report: Option<Report>,
    /// What we marked it with, if it was one of ours.
    pub(crate) loop_mark: Option<String>,
    /// Of its content, whichever way it came.
    pub(crate) digest: String,
    /// Its real size, when only its beginning was read.
    pub(crate) cut_from: Option<u32>,
}

impl Mail {
    /// Who wrote it.
    pub(crate) fn sender(&self) -> Option<&Mailbox> {
        self.from.as_ref()
    }

    /// Who wants the answer.
    pub(crate) fn answer_to(&self) -> Option<&Mailbox> {
        self.reply_to.first().or(self.from.as_ref())
    }

    /// The addresses it was written or delivered to.
    pub(crate) fn recipients(&self) -> impl Iterator<Item = &str> {
        let named = self.to.iter().chain(&self.cc).map(|one| one.address.as_str());
        named.chain(self.delivered_to.iter().map(String::as_str))
    }
}

/// Reads a mail. There is always something: what cannot be read is left out. `cut_from`: its size, when `raw` is only its
/// beginning.
pub(crate) fn parse(raw: &[u8], cut_from: Option<u32>) -> Mail {
    let headers = Headers::read(raw);
    let Some(parsed) = Parsed::read(raw) else {
        return Mail { digest: digest_of(&[raw]), cut_from, ..Mail::default() };
    };
    let message = parsed.message();
    let subject = label(&encoded_words::decoded(headers.get("subject").unwrap_or_default()), LONGEST_SUBJECT);
    let from = mailboxes(message.from()).into_iter().next().or_else(|| plain(headers.get("from")));
    let report_type = report_type(message);
    let sender = from.as_ref().map(|from| from.address.as_str());
    let signs = classify::signs(&headers, sender, &subject, report_type.as_deref());
    let text = text::of(message);
    let html = html::of(message);
    let files = if cut_from.is_some() { Vec::new() } else { parts::files(message, html.as_deref()) };
    let report = report_of(message, &headers, signs, report_type.as_deref(), &text);
    let mut mail = Mail {
        message_id: headers.ids("message-id").into_iter().next(),
        in_reply_to: some(headers.ids("in-reply-to")),
        references: some(headers.ids("references")),
        reply_to: mailboxes(message.reply_to()),
        to: mailboxes(message.to()),
        cc: mailboxes(message.cc()),
        delivered_to: delivered_to(&headers),
        date: message.date().and_then(|date| DateTime::from_timestamp(date.to_timestamp(), 0)),
        visible: quote::without_quotes(&text),
        invitations: parts::calendars(message).iter().filter_map(|text| calendar::words(text)).collect(),
        loop_mark: headers.get("x-weft-loop").map(str::to_owned),
        subject,
        from,
        text,
        html,
        files,
        signs,
        report,
        cut_from,
        digest: String::new(),
    };
    mail.digest = digest(&mail);
    mail
}

/// The content of one of a mail's files.
pub(crate) fn file(raw: &[u8], index: usize) -> Option<Vec<u8>> {
    parts::content(Parsed::read(raw)?.message(), index)
}

/// A mail's HTML, made safe, with the pictures that came with it.
pub(crate) fn safe_html(raw: &[u8]) -> Option<String> {
    let parsed = Parsed::read(raw)?;
    let html = html::of(parsed.message())?;
    let pictures = parts::pictures(parsed.message(), &html);
    Some(html::safe(&html, pictures))
}

/// The same content has the same digest, whichever servers it went through.
fn digest(mail: &Mail) -> String {
    let from = mail.from.as_ref().map(|from| from.address.to_lowercase()).unwrap_or_default();
    let html = mail.html.as_deref().unwrap_or_default();
    let mut pieces: Vec<&[u8]> =
        vec![from.as_bytes(), mail.subject.as_bytes(), mail.text.as_bytes(), html.as_bytes()];
    pieces.extend(mail.files.iter().map(|file| file.digest.as_slice()));
    digest_of(&pieces)
}

fn digest_of(pieces: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for piece in pieces {
        hash.update(u64::try_from(piece.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(piece);
    }
    hex::encode(hash.finalize())
}

fn some(mut ids: Vec<String>) -> Vec<String> {
    if ids.len() > MOST_IDS {
        let newest = ids.split_off(ids.len() - (MOST_IDS - 1));
        ids.truncate(1);
        ids.extend(newest);
    }
    ids
}

fn mailboxes(address: Option<&Address<'_>>) -> Vec<Mailbox> {
    let Some(address) = address else { return Vec::new() };
    let read = address.iter().filter_map(|one| {
        let address = label(one.address()?, LONGEST_NAME);
        let name = one.name().map(|name| label(name, LONGEST_NAME)).unwrap_or_default();
        address.contains('@').then_some(Mailbox { name, address })
    });
    read.take(MOST_ADDRESSES).collect()
}

/// An address that stands in a header that cannot be read otherwise.
fn plain(value: Option<&str>) -> Option<Mailbox> {
    let value = value?;
    let address = ids(value).into_iter().next()?;
    let name = value.split('<').next().unwrap_or_default().trim().trim_matches('"');
    let address = label(&address, LONGEST_NAME);
    address.contains('@').then(|| Mailbox { name: label(name, LONGEST_NAME), address })
}

fn delivered_to(headers: &Headers) -> Vec<String> {
    let names = ["delivered-to", "x-original-to", "envelope-to"];
    let values = names.into_iter().flat_map(|name| headers.all(name));
    values.map(|value| value.trim_matches(['<', '>', ' ']).to_owned()).take(MOST_ADDRESSES).collect()
}

/// One line without control characters.
fn label(text: &str, most: usize) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect();
    line.trim().to_owned()
}

fn report_type(message: &Message<'_>) -> Option<String> {
    let kind = message.root_part().content_type()?;
    let is_report = kind.ctype().eq_ignore_ascii_case("multipart")
        && kind.subtype().is_some_and(|sub| sub.eq_ignore_ascii_case("report"));
    let report = kind.attribute("report-type").filter(|_| is_report)?;
    Some(report.to_lowercase())
}

fn report_of(
    message: &Message<'_>,
    headers: &Headers,
    signs: Signs,
    kind: Option<&str>,
    text: &str,
) -> Option<Report> {
    match kind {
        Some("delivery-status") => {
            let status = parts::of_type(message, "message", "delivery-status").unwrap_or_default();
            Some(Report::Delivery {
                of: parts::returned_id(message),
                recipients: report::recipients(&status),
            })
        }
        Some("disposition-notification") => {
            let note = parts::of_type(message, "message", "disposition-notification").unwrap_or_default();
            let note = Headers::read(note.trim_start().as_bytes());
            let of =
                note.ids("original-message-id").into_iter().next().or_else(|| parts::returned_id(message));
            let read = note.get("disposition").is_some_and(|word| word.to_lowercase().contains("displayed"));
            read.then_some(Report::Read { of })
        }
        _ if signs.bounce => {
            let address = headers.get("x-failed-recipients").unwrap_or_default().to_owned();
            let status = crate::errors::enhanced(text).unwrap_or_default();
            let action = if status.starts_with('4') { "delayed" } else { "failed" }.to_owned();
            let of = parts::returned_id(message).or_else(|| report::id_in_text(text));
            Some(Report::Delivery { of, recipients: vec![report::Recipient { action, status, address }] })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
