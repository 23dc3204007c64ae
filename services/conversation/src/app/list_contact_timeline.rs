use std::collections::{HashMap, HashSet};

use uuid::Uuid;
use weft_domain::{Result, parse_word};
use weft_proto::{
    conversation::v1::{ListContactTimelineRequest, ListContactTimelineResponse, TimelineEntry},
    convert::timestamp,
};
use weft_rpc::Accepted;
use weft_store::{Tx, page};

use crate::{
    Context, lookup, show,
    store::{
        contacts, conversations,
        entity::{contact_merge, conversation},
        timeline::{self, Entry, Key, Kind},
    },
};

/// Lists what happened with a contact, the newest first.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListContactTimelineRequest>,
) -> Result<ListContactTimelineResponse> {
    let request = &call.message;
    // it shows what was written
    call.principal.require("conversation.read")?;
    let contact = lookup::contact(&request.contact_id)?;
    let size = page::size(request.page_size)?;
    let after: Option<Key> = page::decode(&request.page_token)?;
    let only: Option<Kind> = request.kind.as_deref().map(|word| parse_word("kind", word)).transpose()?;
    let user = call.principal.user().uuid();
    let list = |tx| async move {
        contacts::get(&tx, contact).await?;
        let entries = timeline::page(&tx, (contact, user), only, after, size).await?;
        let (entries, next_page_token) = page::cut(entries, size, Entry::key)?;
        Ok(ListContactTimelineResponse { items: show(&tx, entries).await?, next_page_token })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}

async fn show(tx: &Tx, entries: Vec<Entry>) -> Result<Vec<TimelineEntry>> {
    let mut told = HashSet::new();
    let mut merges: Vec<contact_merge::Model> = Vec::new();
    for entry in &entries {
        match entry {
            Entry::Changed(row) => {
                told.insert(row.conversation_id);
            }
            Entry::Merged(row) => merges.push(row.clone()),
            _ => {}
        }
    }
    let known = if told.is_empty() { Vec::new() } else { conversations::by_ids(tx, &told).await? };
    let known: HashMap<Uuid, conversation::Model> = known.into_iter().map(|row| (row.id, row)).collect();
    let mut merges =
        if merges.is_empty() { Vec::new() } else { show::merges(tx, &merges).await? }.into_iter();
    let mut shown = Vec::with_capacity(entries.len());
    for entry in entries {
        let mut one = TimelineEntry { at: Some(timestamp(entry.key().0)), ..TimelineEntry::default() };
        match entry {
            Entry::Began(row) => one.conversation = Some(show::conversation_changed(&row, "began")),
            Entry::Merged(_) => one.merge = merges.next(),
            Entry::Changed(row) => {
                let of = known.get(&row.conversation_id);
                one.conversation = of.map(|of| show::conversation_changed(of, &row.change));
            }
            Entry::Noted(row) => one.note = Some(show::contact_note(&row)?),
            Entry::Written(row) => one.message = Some(show::message(&row)?),
        }
        shown.push(one);
    }
    Ok(shown)
}
