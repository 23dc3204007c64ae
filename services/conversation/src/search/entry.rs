use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use siphasher::sip::SipHasher13;
use uuid::Uuid;
use weft_domain::conversation::Direction;

use super::{
    HAS_FILE, IS_NOTE, Words, fold,
    pieces::pieces,
    query::near,
    snippet::{LOOKED_THROUGH, Passage},
    stems::Languages,
    windows,
};
use crate::store::{
    content::StoredAttachment,
    entity::{contact, contact_identity, message},
};

/// So many tokens of one thing are kept.
const MOST_TOKENS: usize = 4_000;

/// What is kept of a message or contact, to be found by.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The message or contact.
    pub(crate) id: Uuid,
    /// When it was written, or met.
    pub(crate) at: DateTime<Utc>,
    /// What it is found by.
    pub(crate) tokens: BTreeSet<String>,
}

impl Entry {
    /// Tells whether anything of it changed.
    pub(crate) fn digest(&self) -> i64 {
        let mut all = self.at.timestamp_micros().to_be_bytes().to_vec();
        for token in &self.tokens {
            all.extend_from_slice(token.as_bytes());
            all.push(0);
        }
        i64::from_be_bytes(SipHasher13::new().hash(&all).to_be_bytes())
    }
}

/// What a message is found by; none: it is not to be found.
pub(crate) fn of_message(row: &message::Model, spoken: Option<&str>) -> Option<Entry> {
    if row.deleted_at.is_some() {
        return None;
    }
    let mut tokens = of_time(row.tenant_id, row.created_at);
    if row.direction == Direction::Internal.to_string() {
        tokens.insert(IS_NOTE.to_owned());
    }
    tokens.insert(id_token('c', row.conversation_id));
    tokens.insert(id_token('k', row.channel_id));
    for attachment in &row.content.attachments {
        tokens.insert(HAS_FILE.to_owned());
        tokens.extend(file_types(attachment));
    }
    for (from, text) in passages_of_message(row) {
        add(&mut tokens, Words::Message, &text, spoken);
        if from == "file" {
            add(&mut tokens, Words::File, &text, spoken);
        }
    }
    Some(Entry { id: row.id, at: row.created_at, tokens })
}

/// What a contact is found by; none: it became part of another.
pub(crate) fn of_contact(row: &contact::Model, identities: &[contact_identity::Model]) -> Option<Entry> {
    if row.merged_into.is_some() {
        return None;
    }
    let mut tokens = of_time(row.tenant_id, row.created_at);
    for (from, text) in passages_of_contact(row, identities) {
        add(&mut tokens, Words::Contact, &text, row.language.as_deref());
        if matches!(from, "name" | "username") {
            let words = super::pieces::words(&text);
            tokens.extend(
                words.iter().filter(|word| !word.is_unspaced).flat_map(|word| near(&fold::fold(&word.text))),
            );
        }
    }
    Some(Entry { id: row.id, at: row.created_at, tokens })
}

fn of_time(tenant: Uuid, at: DateTime<Utc>) -> BTreeSet<String> {
    let mut tokens = BTreeSet::from(windows::time_tokens(tenant, at));
    tokens.insert(windows::tenant_token(tenant));
    tokens
}

fn add(tokens: &mut BTreeSet<String>, words: Words, text: &str, spoken: Option<&str>) {
    let text: String = text.chars().take(LOOKED_THROUGH).collect();
    for token in pieces(&text, &Languages::of(&text, spoken)).into_iter().flat_map(|piece| piece.tokens) {
        if tokens.len() >= MOST_TOKENS {
            return;
        }
        tokens.insert(format!("{}{token}", words.letter()));
    }
}

/// The words of a message, and where they are.
pub(crate) fn passages_of_message(row: &message::Model) -> Vec<Passage> {
    let content = &row.content;
    let mut all = vec![("text", row.text.clone())];
    for attachment in &content.attachments {
        all.push(("file", attachment.name.clone()));
        all.extend(attachment.transcript.iter().map(|transcript| ("transcript", transcript.text.clone())));
    }
    all.extend(content.location.iter().map(|place| ("place", format!("{} {}", place.title, place.address))));
    if let Some(card) = &content.contact_card {
        let lines = std::iter::once(&card.name).chain(&card.phones).chain(&card.emails);
        all.extend(lines.map(|line| ("card", line.clone())));
    }
    all.retain(|(_, text)| !text.trim().is_empty());
    all
}

/// What a contact is called and reached by, and where it says so.
pub(crate) fn passages_of_contact(
    row: &contact::Model,
    identities: &[contact_identity::Model],
) -> Vec<Passage> {
    let mut all = vec![("name", row.name.clone())];
    all.extend(row.email.iter().map(|email| ("email", email.clone())));
    all.extend(row.phone.iter().map(|phone| ("phone", phone.clone())));
    for identity in identities.iter().filter(|identity| identity.contact_id == row.id) {
        all.extend(identity.username.iter().map(|name| ("username", name.clone())));
        all.push(("username", identity.external_id.clone()));
    }
    let fields = row.fields.0.values().filter_map(|value| value.as_str());
    all.extend(fields.map(|value| ("field", value.to_owned())));
    all.retain(|(_, text)| !text.trim().is_empty());
    all.dedup();
    all
}

/// What kind of file it is, and what its name ends in.
fn file_types(attachment: &StoredAttachment) -> impl Iterator<Item = String> {
    let ending = attachment.name.rsplit_once('.').map(|(_, ending)| ending);
    std::iter::once(attachment.kind.as_str()).chain(ending).filter_map(file_type)
}

/// A kind of file, as a token; none: nothing is of it.
pub(crate) fn file_type(word: &str) -> Option<String> {
    let word = fold::fold(word);
    (!word.is_empty()).then(|| format!("f{word}"))
}

/// An id as a token.
pub(crate) fn id_token(letter: char, id: Uuid) -> String {
    format!("{letter}{:016x}", short(id))
}

/// A short name for an id.
pub(super) fn short(id: Uuid) -> u64 {
    SipHasher13::new().hash(id.as_bytes())
}
