//! A mail and its place into events. Pure.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use weft_channel::{
    DeliveryReport, Event, Ignored, Inbound, Media, MessageReceived, Person, Reachability, Received,
    attachment, delivery_report::State, inbound,
};

use crate::{
    account::Account,
    errors,
    mail::{Mail, MailFile, subject},
    mailbox::Spot,
    report::{Recipient, Report},
    store::Seen,
    thread::Place,
};

/// More files than that of one mail are only counted.
const MOST_FILES: usize = 40;
/// Pictures inside the text that are smaller are decoration.
const DECORATION: usize = 10 * 1024;
/// What a message's text may have; the whole of it comes as a file.
const LONGEST_TEXT: usize = 60_000;

/// One file of a mail, as [`Media::reference`] carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reference {
    #[serde(flatten)]
    pub(crate) spot: Spot,
    #[serde(rename = "p")]
    pub(crate) part: Part,
}

/// What of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Part {
    /// One of its files.
    File(usize),
    /// The whole text, made safe to be shown.
    Html,
    /// The whole text.
    Text,
}

/// Translates a mail.
pub(crate) fn receive(
    account: &Account,
    mail: &Mail,
    place: &Place,
    spot: &Spot,
    at: DateTime<Utc>,
    sent: bool,
) -> Received {
    if place.is_own {
        return Received::ignored("own_mail", "it is one of ours that came back");
    }
    if !sent
        && mail.loop_mark.as_deref().is_some_and(|mark| mark == loop_mark(account))
        && mail.report.is_none()
    {
        return Received::ignored("loop", "a mail of ours was sent back by a robot");
    }
    match (&mail.report, &place.reported) {
        (Some(Report::Delivery { recipients, .. }), Some(seen)) => {
            return delivery(place, seen, recipients, at);
        }
        (Some(Report::Read { .. }), Some(seen)) => {
            return Received::event(report(place, seen, State::Read, String::new(), String::new(), at));
        }
        (Some(Report::Read { .. }), None) => {
            return Received::ignored("receipt", "a receipt for a mail that is not ours");
        }
        _ => {}
    }
    let from_us = sent || mail.sender().is_some_and(|sender| account.is_ours(&sender.address));
    if from_us && !sent && place.is_first {
        return Received::ignored("own_mail", "somebody wrote from this mailbox to itself");
    }
    Received::event(message(mail, place, spot, at, from_us))
}

/// What marks our own mail, so that it is known when a robot sends it back.
pub(crate) fn loop_mark(account: &Account) -> String {
    account.owner().map(|owner| owner.channel.to_string()).unwrap_or_default()
}

/// A matter of one person; each has several.
fn thread(place: &Place) -> weft_channel::Thread {
    let contact = &place.thread.contact;
    let person = person_at(&contact.name, &contact.address);
    let title = subject::base(&place.thread.subject).to_owned();
    weft_channel::Thread { title, ..inbound::direct(place.thread.id.clone(), person) }
}

fn person_at(name: &str, address: &str) -> Person {
    let address = address.to_lowercase();
    let name = if name.is_empty() { address.clone() } else { name.to_owned() };
    Person { id: address.clone(), name, email: Some(address), ..Person::default() }
}

fn message(mail: &Mail, place: &Place, spot: &Spot, at: DateTime<Utc>, from_us: bool) -> Inbound {
    let (text, is_whole) = text(mail, place);
    let media = media(mail, spot, is_whole);
    let message = MessageReceived {
        id: place.id.clone(),
        text,
        media,
        reply_to: place.answers.clone(),
        from_us,
        ..MessageReceived::default()
    };
    let event = inbound::event(format!("mail:{}", place.id), at, thread(place), Event::Message(message));
    let sender = person(mail).filter(|_| !from_us);
    Inbound { sender, ..event }
}

fn person(mail: &Mail) -> Option<Person> {
    let sender = mail.sender()?;
    Some(Person { is_bot: mail.signs.silence_robots(), ..person_at(&sender.name, &sender.address) })
}

/// What is shown, and whether that is all there is.
fn text(mail: &Mail, place: &Place) -> (String, bool) {
    let mut paragraphs = Vec::new();
    let base = subject::base(&mail.subject);
    if !place.is_first && !base.is_empty() && base != subject::base(&place.thread.subject) {
        paragraphs.push(format!("Subject: {}", mail.subject));
    }
    let visible = mail.visible.as_deref().unwrap_or(&mail.text);
    let cut: String = visible.chars().take(LONGEST_TEXT).collect();
    let is_whole = mail.visible.is_none() && cut.len() == visible.len();
    paragraphs.push(cut);
    paragraphs.extend(mail.invitations.iter().cloned());
    if let Some(size) = mail.cut_from {
        let size = size / 1_000_000;
        paragraphs.push(format!(
            "[This mail has {size} MB. Only its beginning is here; the whole of it is in the mailbox.]"
        ));
    }
    if mail.files.len() > MOST_FILES {
        paragraphs.push(format!("[{} more files are in the mailbox.]", mail.files.len() - MOST_FILES));
    }
    paragraphs.retain(|paragraph| !paragraph.trim().is_empty());
    if paragraphs.is_empty() && mail.files.is_empty() {
        let said = if mail.subject.is_empty() { "(empty mail)" } else { &mail.subject };
        return (said.to_owned(), true);
    }
    (paragraphs.join("\n\n"), is_whole)
}

/// The files of a mail, and the whole of its text when that says more than what is shown.
fn media(mail: &Mail, spot: &Spot, is_whole: bool) -> Vec<Media> {
    let reference = |part: Part| {
        let reference = Reference { spot: spot.clone(), part };
        serde_json::to_string(&reference).unwrap_or_default()
    };
    let shown = |file: &MailFile| !file.is_inline || file.size >= DECORATION;
    let mut media: Vec<Media> = mail
        .files
        .iter()
        .enumerate()
        .filter(|(_, file)| shown(file))
        .take(MOST_FILES)
        .map(|(index, file)| Media {
            reference: reference(Part::File(index)),
            kind: kind(&file.mime).into(),
            name: file.name.clone(),
            mime: file.mime.clone(),
            size: u64::try_from(file.size).unwrap_or(u64::MAX),
            unique_id: String::new(),
        })
        .collect();
    let whole = if mail.html.is_some() {
        Some((Part::Html, "message.html", "text/html"))
    } else {
        (!is_whole).then_some((Part::Text, "message.txt", "text/plain"))
    };
    media.extend(whole.map(|(part, name, mime)| Media {
        reference: reference(part),
        kind: attachment::Kind::File.into(),
        name: name.to_owned(),
        mime: mime.to_owned(),
        size: 0,
        unique_id: String::new(),
    }));
    media
}

fn kind(mime: &str) -> attachment::Kind {
    match mime.split('/').next() {
        Some("image") => attachment::Kind::Image,
        Some("video") => attachment::Kind::Video,
        Some("audio") => attachment::Kind::Audio,
        _ => attachment::Kind::File,
    }
}

/// What became of a mail of ours.
fn delivery(place: &Place, seen: &Seen, recipients: &[Recipient], at: DateTime<Utc>) -> Received {
    if let Some(failed) = recipients.iter().find(|one| one.action == "failed") {
        let event = report(place, seen, State::Failed, failed.reason(), failed.status.clone(), at);
        let mut received = Received::event(event);
        if errors::is_gone(&failed.status)
            && failed.address.eq_ignore_ascii_case(&place.thread.contact.address)
        {
            let reason = failed.reason();
            let change = Event::Reachability(Reachability { reachable: false, reason });
            let key = format!("gone:{}", place.id);
            received.events.push(inbound::event(key, at, thread(place), change));
        }
        return received;
    }
    if recipients.iter().any(|one| matches!(one.action.as_str(), "delivered" | "relayed")) {
        return Received::event(report(place, seen, State::Delivered, String::new(), String::new(), at));
    }
    Ignored::new("delayed", "a mail server still tries to deliver it").into()
}

fn report(
    place: &Place,
    seen: &Seen,
    state: State,
    reason: String,
    code: String,
    at: DateTime<Utc>,
) -> Inbound {
    let report = DeliveryReport { id: seen.id.clone(), state: state.into(), up_to: false, reason, code };
    inbound::event(format!("report:{}", place.id), at, thread(place), Event::Report(report))
}
