//! A message into a mail. Pure: the same message makes the same mail each time.

use lettre::Address;
use mail_builder::{
    MessageBuilder,
    headers::{address::Address as Header, message_id::MessageId, raw::Raw},
};
use weft_channel::{Author, File, Files, Outbound, RichText, SendError, author, looks::to_html};
use weft_proto::convert;

use crate::{
    account::{Account, Owner},
    inbound,
    mail::subject,
    smtp::Envelope,
    store::{Mailbox, Thread},
    token,
};

/// What most servers take, encoded; encoding makes a third more of it.
const MOST_BYTES: usize = 18_000_000;
/// A subject longer than this is cut.
const LONGEST_SUBJECT: usize = 250;

/// A mail to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) id: String,
    pub(crate) envelope: Envelope,
    pub(crate) raw: Vec<u8>,
}

/// The id of the mail that a message becomes: the same for each attempt.
pub(crate) fn id_of(account: &Account, message: &Outbound) -> String {
    let name: String = message
        .message_id
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
        .collect();
    format!("{name}@{}", account.domain())
}

/// Whether a program wrote a message.
pub(crate) fn is_automatic(message: &Outbound) -> bool {
    let kind = message.author.as_ref().map(Author::kind);
    matches!(kind, Some(author::Kind::Bot | author::Kind::System))
}

/// Makes the mail.
pub(crate) fn mail(
    account: &Account,
    owner: Owner,
    thread: &Thread,
    message: &Outbound,
    files: &Files,
) -> Result<Mail, SendError> {
    let attached: Vec<&File> =
        message.attachments.iter().map(|attachment| files.get(attachment)).collect::<Result<_, _>>()?;
    if attached.iter().map(|file| file.bytes.len()).sum::<usize>() > MOST_BYTES {
        let limit = MOST_BYTES / 1_000_000;
        return Err(SendError::message_invalid(format!("the files have more than {limit} MB together")));
    }
    if message.text.trim().is_empty() && attached.is_empty() {
        return Err(SendError::message_invalid("it is empty"));
    }
    let automatic = is_automatic(message);
    let id = id_of(account, message);
    let envelope = envelope(account, thread, automatic)?;
    let mut builder = MessageBuilder::new()
        .message_id(id.clone())
        .from(Header::new_address(name(&account.from_name), account.address.clone()))
        .to(header(&thread.contact))
        .subject(subject(thread));
    if let Some(written) = message.created_at.as_ref().and_then(convert::time) {
        builder = builder.date(written.timestamp());
    }
    let copies: Vec<Header<'_>> = copies(account, thread, automatic).map(header).collect();
    if !copies.is_empty() {
        builder = builder.cc(Header::new_list(copies));
    }
    if let Some(reply_to) = token::reply_address(account, owner, &thread.id) {
        builder = builder.reply_to(Header::new_address(name(&account.from_name), reply_to));
    }
    builder = refer(builder, thread, message, &id);
    builder = builder.header("X-Weft-Loop", Raw::new(inbound::loop_mark(account)));
    if automatic {
        builder = builder
            .header("Auto-Submitted", Raw::new("auto-replied"))
            .header("X-Auto-Response-Suppress", Raw::new("All"));
    }
    let text = signed(&message.text, &account.signature);
    let shown = match &message.rich {
        Some(rich) => looked(rich, &account.signature),
        None => html(&text),
    };
    builder = builder.html_body(shown).text_body(text);
    for file in attached {
        builder = builder.attachment(mime(&file.mime), file_name(&file.name), file.bytes.to_vec());
    }
    let raw =
        builder.write_to_vec().map_err(|_| SendError::message_invalid("it cannot be made into a mail"))?;
    Ok(Mail { id, envelope, raw })
}

fn envelope(account: &Account, thread: &Thread, automatic: bool) -> Result<Envelope, SendError> {
    let address = |text: &str| text.parse::<Address>();
    let contact = address(&thread.contact.address)
        .map_err(|_| SendError::recipient_gone("the contact has no mail address that can be written to"))?;
    let copies = copies(account, thread, automatic).map(|one| one.address.as_str());
    let named = |text: &str| address(text).ok().filter(|other| *other != contact);
    let others = copies.filter_map(named).collect();
    let hidden = account.bcc.iter().filter_map(|text| named(text)).collect();
    // what a program writes never comes back (RFC 3834)
    let from = if automatic { None } else { address(&account.address).ok() };
    Ok(Envelope { from, contact, others, hidden })
}

/// Who gets an answer besides the contact: nobody gets what a program writes.
fn copies<'a>(account: &Account, thread: &'a Thread, automatic: bool) -> impl Iterator<Item = &'a Mailbox> {
    let goes = account.answer_everybody && !automatic;
    thread.others.iter().filter(move |one| goes && one.address.parse::<Address>().is_ok())
}

/// What it answers, and what came before that.
fn refer<'a>(
    builder: MessageBuilder<'a>,
    thread: &Thread,
    message: &Outbound,
    id: &str,
) -> MessageBuilder<'a> {
    let mut before: Vec<String> = thread.before(id).into_iter().filter(|id| is_plain(id)).collect();
    // another mail with the same id is known by a longer name
    let chosen = message.reply_to.as_deref().and_then(|id| id.split('#').next()).filter(|id| is_plain(id));
    if let Some(chosen) = chosen {
        before.retain(|id| id != chosen);
        before.push(chosen.to_owned());
    }
    let Some(last) = before.last().cloned() else { return builder };
    builder.in_reply_to(last).references(MessageId::new_list(before.into_iter()))
}

/// Nothing that could end a header or begin another.
fn is_plain(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 900
        && id.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'))
}

fn subject(thread: &Thread) -> String {
    let line = one_line(&thread.subject);
    let cut: String = line.chars().take(LONGEST_SUBJECT).collect();
    if thread.last_id.is_empty() { cut } else { subject::answer(&cut) }
}

fn header(to: &Mailbox) -> Header<'static> {
    Header::new_address(name(&to.name), to.address.clone())
}

fn name(text: &str) -> Option<String> {
    let line = one_line(text);
    (!line.is_empty()).then_some(line)
}

/// A header never goes over its line, whatever somebody calls himself.
fn one_line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn file_name(text: &str) -> String {
    let clean = one_line(&text.replace(['/', '\\', '"'], "_"));
    if clean.is_empty() { "file".to_owned() } else { clean }
}

fn mime(text: &str) -> String {
    let is_token = |part: &str| {
        !part.is_empty()
            && part.len() < 100
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    match text.split_once('/') {
        Some((kind, sub)) if is_token(kind) && is_token(sub) && kind != "multipart" && kind != "message" => {
            text.to_owned()
        }
        _ => "application/octet-stream".to_owned(),
    }
}

fn signed(text: &str, signature: &str) -> String {
    let text = text.trim_end();
    let signature = signature.trim();
    match (text.is_empty(), signature.is_empty()) {
        (_, true) => text.to_owned(),
        (true, false) => format!("-- \n{signature}"),
        (false, false) => format!("{text}\n\n-- \n{signature}"),
    }
}

/// Words with their looks, and the signature below them.
fn looked(rich: &RichText, signature: &str) -> String {
    let signature = match signature.trim() {
        "" => String::new(),
        words => format!("<div>-- <br>\n{}</div>", escaped(words)),
    };
    format!("<html><body>{}{signature}</body></html>", to_html(rich))
}

/// The same text for programs that show nothing else well.
fn html(text: &str) -> String {
    format!("<html><body><div>{}</div></body></html>", escaped(text))
}

fn escaped(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    escaped.replace('\n', "<br>\n")
}
