use std::{cmp::Reverse, collections::HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, VariantNames};
use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::{Error, Result, TenantId, id, parse_word};
use weft_proto::{
    conversation::v1::{Hit, SearchRequest, SearchResponse},
    convert,
};
use weft_rpc::Accepted;
use weft_store::{Tx, page};

use super::list_conversations;
use crate::{
    Context, index,
    search::{self, Find, Query, Words},
    show,
    store::{
        contacts,
        conversations::{self, Filter},
        messages,
        search::{self as entries, Candidate, Look},
    },
    tags,
};

/// So many searches look for candidates at once, of the three connections across tenants.
pub(crate) const AT_ONCE: usize = 2;
/// So many candidates are loaded at once.
const CHUNK: usize = 200;
/// So many candidates are looked at for a page.
const LOOKED_AT: usize = 2_000;
/// So many are sorted by how well they fit.
const RANKED: usize = 1_000;
/// So many contacts are sorted by how well they fit.
const MOST_CONTACTS: usize = 300;
/// So many of them are shown before messages.
const BEST_CONTACTS: usize = 5;
/// So few conversations are looked through for words, rather than words for conversations.
const FEW: u64 = 300;
/// Clocks of providers may be ahead.
const AHEAD: TimeDelta = TimeDelta::days(2);

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Kind {
    Message,
    Note,
    File,
    Contact,
}

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Sort {
    #[default]
    Newest,
    Relevance,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Place {
    /// With messages older than this.
    Older(DateTime<Utc>, Uuid),
    /// With messages that fit less well; of those that were there until a time.
    Worse(u32, DateTime<Utc>, Uuid, DateTime<Utc>),
    /// With contacts that fit less well.
    Contacts(u32, DateTime<Utc>, Uuid),
}

/// What was asked for, read.
struct Asked {
    query: Query,
    kind: Option<Kind>,
    sort: Sort,
    filter: Filter,
    /// Whether the filter says anything of conversations.
    narrows: bool,
    /// What messages have to have besides words.
    tokens: Vec<Find>,
    from: Option<DateTime<Utc>>,
    before: Option<DateTime<Utc>>,
    size: usize,
    tenant: TenantId,
    user: Uuid,
}

/// A message that was found, and how well it fits.
struct Found {
    score: u32,
    at: Candidate,
    hit: Hit,
}

/// Finds messages and contacts.
pub(crate) async fn run(context: &Context, call: Accepted<SearchRequest>) -> Result<SearchResponse> {
    let asked = Asked::read(&call.message, &call.principal)?;
    let place: Option<Place> = page::decode(&call.message.page_token)?;
    let takes_contacts = match asked.kind {
        Some(kind) => kind == Kind::Contact,
        None => place.is_none() && !asked.narrows && asked.tokens.is_empty(),
    };
    let mut items = Vec::new();
    if takes_contacts {
        let most = if asked.kind.is_some() { asked.size } else { asked.size.min(BEST_CONTACTS) };
        let (found, next_page_token) = people(context, &asked, place, most).await?;
        items.extend(found);
        if asked.kind.is_some() {
            return Ok(SearchResponse { items, next_page_token });
        }
    }
    let rest = asked.size.saturating_sub(items.len());
    let (found, next) = match asked.sort {
        Sort::Newest => newest(context, &asked, place, rest).await?,
        Sort::Relevance => best(context, &asked, place, rest).await?,
    };
    items.extend(found);
    let next_page_token = next.map(|place| page::encode(&place)).transpose()?.unwrap_or_default();
    Ok(SearchResponse { items, next_page_token })
}

impl Asked {
    fn read(request: &SearchRequest, principal: &Principal) -> Result<Self> {
        let kind: Option<Kind> = request.kind.as_deref().map(|word| parse_word("kind", word)).transpose()?;
        let channel = request.channel.as_deref().map(|text| id::parse::<id::Channel>("channel", text));
        let conversation =
            request.conversation.as_deref().map(|text| id::parse::<id::Conversation>("conversation", text));
        let contact = request.contact.as_deref().map(|text| id::parse::<id::Contact>("contact", text));
        let unread_type =
            || Error::invalid_field("file_type", "`file_type` must be a kind of file, like `image` or `pdf`");
        let file_type = request.file_type.as_deref();
        let file_type = file_type.map(|word| search::file_type(word).ok_or_else(unread_type)).transpose()?;
        let tokens = channel.transpose()?.map(|id| search::id_token('k', id.uuid())).into_iter();
        let tokens = tokens.chain(conversation.transpose()?.map(|id| search::id_token('c', id.uuid())));
        let user = principal.user().uuid();
        let filter = Filter {
            status: request.status.as_deref().map(|word| parse_word("status", word)).transpose()?,
            priority: request.priority.as_deref().map(|word| parse_word("priority", word)).transpose()?,
            tag: request.tag.as_deref().map(|tag| tags::read(tag, "tag")).transpose()?,
            assignee: list_conversations::assignee(request.assignee.as_deref(), principal)?,
            contact: contact.transpose()?.map(|id| id.uuid()),
            unread: request.unread,
            me: user,
            ..Filter::default()
        };
        let narrows = filter.status.is_some()
            || filter.priority.is_some()
            || filter.tag.is_some()
            || filter.assignee.is_some()
            || filter.contact.is_some()
            || filter.unread.is_some();
        let time = |field: &str, given: &Option<prost_types::Timestamp>| match given {
            None => Ok(None),
            Some(given) => convert::time(given)
                .map(Some)
                .ok_or_else(|| Error::invalid_field(field, format!("`{field}` is no time"))),
        };
        Ok(Self {
            query: Query::read(&request.q)?,
            kind,
            sort: request
                .sort
                .as_deref()
                .map(|word| parse_word("sort", word))
                .transpose()?
                .unwrap_or_default(),
            filter,
            narrows,
            tokens: tokens.chain(file_type).map(Find::Token).collect(),
            // itself not included
            from: time("after", &request.after)?.map(|at| at + TimeDelta::microseconds(1)),
            before: time("before", &request.before)?,
            size: usize::try_from(page::size(request.page_size)?).map_err(Error::internal)?,
            tenant: principal.tenant,
            user,
        })
    }

    /// How to look for messages; none: no conversation is as asked for.
    async fn look(&self, context: &Context) -> Result<Option<Look>> {
        let (words, of_kind) = match self.kind {
            Some(Kind::Note) => (Words::Message, Some(search::IS_NOTE)),
            Some(Kind::File) => (Words::File, Some(search::HAS_FILE)),
            _ => (Words::Message, None),
        };
        let mut all = vec![self.query.in_messages()];
        all.extend(of_kind.map(|token| Find::Token(token.to_owned())));
        all.extend(self.tokens.iter().cloned());
        if self.narrows {
            let few = |tx: Tx| async move { conversations::few(&tx, &self.filter, FEW).await };
            let few = context.store.tenant(self.tenant).read(few).await?;
            if few.as_ref().is_some_and(Vec::is_empty) {
                return Ok(None);
            }
            let tokens =
                few.map(|ids| ids.into_iter().map(|id| Find::Token(search::id_token('c', id))).collect());
            all.extend(tokens.map(Find::Any));
        }
        Ok(Some(self.look_for(context, words, Find::All(all))))
    }

    fn look_for(&self, context: &Context, words: Words, find: Find) -> Look {
        let end = context.store.clock().now() + AHEAD;
        let before = self.before.map_or(end, |before| before.min(end));
        Look { tenant: self.tenant, words, find, before: (before, Uuid::nil()), from: self.from }
    }

    /// Loads what candidates stand for, as the tenant and for who asks: whatever they are not to see is not there.
    async fn load(&self, context: &Context, candidates: &[Candidate]) -> Result<Vec<Found>> {
        let load = |tx: Tx| async move {
            let ids = candidates.iter().map(|candidate| candidate.id).collect();
            let rows = messages::in_sight(&tx, self.user, ids).await?;
            let conversations = rows.iter().map(|row| row.conversation_id).collect();
            let mut conversations = conversations::fitting(&tx, &self.filter, &conversations).await?;
            conversations.iter_mut().for_each(|row| row.last_message_id = None);
            let spoken = index::languages(&tx, &rows).await?;
            let surroundings = show::Surroundings::load(&tx, &conversations).await?;
            let conversations: HashMap<Uuid, _> =
                conversations.into_iter().map(|row| (row.id, row)).collect();
            let rows: HashMap<Uuid, _> = rows.into_iter().map(|row| (row.id, row)).collect();
            let mut found = Vec::with_capacity(rows.len());
            for at in candidates {
                let Some(row) = rows.get(&at.id) else { continue };
                let Some(conversation) = conversations.get(&row.conversation_id) else { continue };
                let mut passages = search::passages_of_message(row);
                if self.kind == Some(Kind::File) {
                    passages.retain(|(from, _)| *from == "file");
                }
                let language = spoken.get(&row.conversation_id).map(String::as_str);
                let fit = search::best(&self.query, &passages, language);
                let hit = Hit {
                    message: Some(show::message(row)?),
                    conversation: Some(surroundings.conversation(conversation)?),
                    snippet: Some(fit.snippet),
                    contact: None,
                };
                found.push(Found { score: fit.score, at: *at, hit });
            }
            Ok(found)
        };
        context.store.tenant(self.tenant).read(load).await
    }
}

/// Candidates, when it is one's turn.
async fn candidates(context: &Context, look: &Look, most: usize) -> Result<Vec<Candidate>> {
    let _turn = context.searching.acquire().await.map_err(Error::internal)?;
    entries::candidates(&context.store, look, most).await
}

async fn newest(
    context: &Context,
    asked: &Asked,
    place: Option<Place>,
    most: usize,
) -> Result<(Vec<Hit>, Option<Place>)> {
    let Some(mut look) = asked.look(context).await? else { return Ok((Vec::new(), None)) };
    match place {
        None => {}
        Some(Place::Older(at, id)) => look.before = look.before.min((at, id)),
        Some(_) => return Err(wrong_place()),
    }
    let mut hits: Vec<(Candidate, Hit)> = Vec::new();
    let mut looked_at = 0;
    loop {
        let wanted = (most + 1).saturating_sub(hits.len()).clamp(20, CHUNK);
        let some = candidates(context, &look, wanted).await?;
        for found in asked.load(context, &some).await? {
            if hits.len() == most {
                let last = hits.last().map_or(look.before, |(last, _)| (last.at, last.id));
                return Ok((
                    hits.into_iter().map(|(_, hit)| hit).collect(),
                    Some(Place::Older(last.0, last.1)),
                ));
            }
            hits.push((found.at, found.hit));
        }
        looked_at += some.len();
        if let Some(last) = some.last() {
            look.before = (last.at, last.id);
        }
        let next = if some.len() < wanted {
            None
        } else if looked_at >= LOOKED_AT {
            Some(Place::Older(look.before.0, look.before.1))
        } else {
            continue;
        };
        return Ok((hits.into_iter().map(|(_, hit)| hit).collect(), next));
    }
}

async fn best(
    context: &Context,
    asked: &Asked,
    place: Option<Place>,
    most: usize,
) -> Result<(Vec<Hit>, Option<Place>)> {
    let Some(mut look) = asked.look(context).await? else { return Ok((Vec::new(), None)) };
    let after = match place {
        None => None,
        Some(Place::Worse(score, at, id, until)) => {
            look.before = (until, Uuid::nil());
            Some((score, Candidate { at, id }))
        }
        Some(_) => return Err(wrong_place()),
    };
    let all = candidates(context, &look, RANKED).await?;
    let until = all.first().map_or(look.before.0, |first| first.at + TimeDelta::microseconds(1));
    let mut found = Vec::new();
    for some in all.chunks(CHUNK) {
        found.extend(asked.load(context, some).await?);
    }
    found.sort_by_key(|one| Reverse((one.score, one.at)));
    found.retain(|one| after.is_none_or(|after| (one.score, one.at) < after));
    let next = found.len() > most;
    found.truncate(most);
    let next =
        found.last().filter(|_| next).map(|last| Place::Worse(last.score, last.at.at, last.at.id, until));
    Ok((found.into_iter().map(|one| one.hit).collect(), next))
}

/// Contacts that fit, the best first.
async fn people(
    context: &Context,
    asked: &Asked,
    place: Option<Place>,
    most: usize,
) -> Result<(Vec<Hit>, String)> {
    let after = match place {
        None => None,
        Some(Place::Contacts(score, at, id)) => Some((score, Candidate { at, id })),
        Some(_) => return Err(wrong_place()),
    };
    if asked.narrows || !asked.tokens.is_empty() {
        return Ok((Vec::new(), String::new()));
    }
    let look = asked.look_for(context, Words::Contact, asked.query.in_contacts());
    let all = candidates(context, &look, MOST_CONTACTS).await?;
    let load = |tx: Tx| async move {
        let rows = contacts::by_ids(&tx, all.iter().map(|one| one.id).collect()).await?;
        let identities = contacts::identities(&tx, rows.keys().copied().collect()).await?;
        let mut found = Vec::new();
        for at in all {
            let Some(row) = rows.get(&at.id).filter(|row| row.merged_into.is_none()) else { continue };
            let passages = search::passages_of_contact(row, &identities);
            let fit = search::best(&asked.query, &passages, row.language.as_deref());
            if !fit.has_all {
                continue;
            }
            let hit = Hit {
                contact: Some(show::contact(row, &identities)),
                snippet: Some(fit.snippet),
                ..Hit::default()
            };
            found.push(Found { score: fit.score, at, hit });
        }
        Ok(found)
    };
    let mut found = context.store.tenant(asked.tenant).read(load).await?;
    found.sort_by_key(|one| Reverse((one.score, one.at)));
    found.retain(|one| after.is_none_or(|after| (one.score, one.at) < after));
    let (found, next) = page::cut(found, u64::try_from(most).map_err(Error::internal)?, |last| {
        Place::Contacts(last.score, last.at.at, last.at.id)
    })?;
    Ok((found.into_iter().map(|one| one.hit).collect(), next))
}

fn wrong_place() -> Error {
    let words = "`page_token` is of another search; leave it out for the first page";
    Error::invalid("invalid_page_token", words).with_field("page_token")
}
