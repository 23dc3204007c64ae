//! What people are to know of, written down with what causes it.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;
use weft_domain::{
    Error, Result,
    conversation::{AuthorKind, Direction},
};
use weft_proto::conversation::v1::{Message, notification::Kind};
use weft_store::Tx;

use crate::{
    actor::Actor,
    events, excerpt, lookup, show,
    store::{
        entity::{conversation, message, notification},
        marks,
        notifications::{self, Which},
        people, readers,
    },
};

/// What people are to know of because of one transaction, and what they have read by it. It is written at the transaction's end:
/// how much somebody has not read is one row, and whoever has changed that must not wait for conversations any more.
#[derive(Default)]
#[must_use = "nobody is told before it is written"]
pub(crate) struct Notices {
    new: Vec<Notice>,
    wrote: BTreeMap<Uuid, Wrote>,
    read: Vec<Read>,
}

/// One thing that somebody is to know of.
struct Notice {
    user: Uuid,
    kind: Kind,
    conversation: Uuid,
    about: Option<About>,
    actor: Actor,
    excerpt: String,
}

/// A message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    id: Uuid,
    seq: i64,
}

/// The contact wrote.
struct Wrote {
    assignee: Option<Uuid>,
    newest: message::Model,
    count: i32,
}

/// Somebody read up to there.
struct Read {
    user: Uuid,
    conversation: Uuid,
    seq: i64,
}

impl About {
    /// This one.
    pub(crate) fn of(message: &message::Model) -> Self {
        Self { id: message.id, seq: message.seq }
    }

    /// Its id.
    pub(crate) fn id(self) -> Uuid {
        self.id
    }

    /// The same, by what was shown of it.
    pub(crate) fn shown(message: &Message) -> Result<Self> {
        let id = lookup::message(&message.id)?;
        Ok(Self { id, seq: i64::try_from(message.seq).map_err(Error::internal)? })
    }
}

impl Notices {
    /// A note names people of ours.
    pub(crate) fn mentioned(&mut self, message: &message::Model, by: &Actor) {
        for user in message.content.mentions.iter().filter(|user| !by.is(**user)) {
            self.new.push(Notice {
                user: *user,
                kind: Kind::Mention,
                conversation: message.conversation_id,
                about: Some(About::of(message)),
                actor: by.clone(),
                excerpt: excerpt::of(&message.text),
            });
        }
    }

    /// A conversation was given to somebody, maybe with a word of why.
    pub(crate) fn assigned(
        &mut self,
        before: &conversation::Model,
        after: &conversation::Model,
        by: &Actor,
        (note, about): (&str, Option<About>),
    ) {
        let Some(user) = after.assignee.filter(|user| before.assignee != Some(*user) && !by.is(*user)) else {
            return;
        };
        self.new.push(Notice {
            user,
            kind: Kind::Assigned,
            conversation: after.id,
            about,
            actor: by.clone(),
            excerpt: excerpt::of(note),
        });
    }

    /// A snoozed conversation is open again.
    pub(crate) fn woke(&mut self, conversation: &conversation::Model) {
        self.new.extend(conversation.assignee.map(|user| Notice {
            user,
            kind: Kind::Woke,
            conversation: conversation.id,
            about: None,
            actor: Actor::system(),
            excerpt: String::new(),
        }));
    }

    /// A message of ours did not reach the contact.
    pub(crate) fn failed(&mut self, message: &message::Model) {
        let is_theirs = message.author_kind == AuthorKind::Agent.to_string()
            && message.direction == Direction::Outbound.to_string();
        self.new.extend(message.author_id.filter(|_| is_theirs).map(|user| Notice {
            user,
            kind: Kind::Failed,
            conversation: message.conversation_id,
            about: Some(About::of(message)),
            actor: Actor::system(),
            excerpt: excerpt::of(&message.text),
        }));
    }

    /// The contact wrote, or somebody of ours did elsewhere, in a conversation as it is now.
    pub(crate) fn wrote(&mut self, conversation: &conversation::Model, message: &message::Model) {
        if message.direction != Direction::Inbound.to_string() {
            return;
        }
        let assignee = conversation.assignee;
        let entry = self.wrote.entry(conversation.id);
        let wrote = entry.or_insert_with(|| Wrote { assignee, newest: message.clone(), count: 0 });
        wrote.assignee = assignee;
        wrote.count = wrote.count.saturating_add(1);
        if wrote.newest.seq < message.seq {
            wrote.newest = message.clone();
        }
    }

    /// Somebody of ours has read up to there.
    pub(crate) fn read(&mut self, user: Uuid, conversation: Uuid, seq: i64) {
        self.read.push(Read { user, conversation, seq });
    }

    /// Writes all of it down, and tells whom it concerns. Three statements for what contacts wrote, however many do.
    pub(crate) async fn write(self, tx: &Tx) -> Result<()> {
        let mut told = Told::default();
        for read in &self.read {
            go_on(tx, read, &mut told).await?;
        }
        let fresh: Vec<notification::Model> = self.new.iter().map(|notice| row(tx, notice)).collect();
        notifications::insert(tx, &fresh).await?;
        for one in fresh {
            told.note(one.user_id, 1, Some(one));
        }
        if !self.wrote.is_empty() {
            for (one, is_new) in notifications::add_up(tx, of_messages(tx, &self.wrote).await?).await? {
                told.note(one.user_id, i64::from(is_new), Some(one));
            }
        }
        told.tell(tx).await.map(drop)
    }
}

/// Whom something is told, and by how much what they have not read changed. How much that is then is one row of each, and those
/// are written last and all at once: always in one order, so that nobody waits in a circle.
#[derive(Default)]
struct Told {
    changes: BTreeMap<Uuid, i64>,
    of: Vec<(Uuid, Option<notification::Model>)>,
}

impl Told {
    fn note(&mut self, user: Uuid, change: i64, of: Option<notification::Model>) {
        *self.changes.entry(user).or_default() += change;
        self.of.push((user, of));
    }

    /// It answers how much each of them has not read.
    async fn tell(self, tx: &Tx) -> Result<HashMap<Uuid, i64>> {
        if self.of.is_empty() {
            return Ok(HashMap::new());
        }
        let unread = notifications::count_up(tx, &self.changes).await?;
        for (user, of) in &self.of {
            let unread = unread.get(user).copied().unwrap_or_default();
            events::notification_updated(tx, *user, of.as_ref(), unread)?;
        }
        Ok(unread)
    }
}

/// Somebody has read further: what stood for a conversation's messages is read by that.
async fn go_on(tx: &Tx, read: &Read, told: &mut Told) -> Result<()> {
    let Read { user, conversation, seq } = read;
    if let Some(row) = readers::go_on(tx, *conversation, *user, *seq).await? {
        let name = people::person(tx, *user).await?.map(|person| person.name).unwrap_or_default();
        events::reader_updated(tx, &row, &name)?;
    }
    note_read(tx, *user, &Which::Messages(*conversation, *seq), told).await
}

/// Marks somebody's notifications as read, and tells them if any was not. It answers how many are left.
pub(crate) async fn mark_read(tx: &Tx, user: Uuid, which: &Which) -> Result<Option<i64>> {
    let mut told = Told::default();
    note_read(tx, user, which, &mut told).await?;
    Ok(told.tell(tx).await?.get(&user).copied())
}

/// Messages have these places in a conversation now: what people are to know of them goes along.
pub(crate) async fn go_along(tx: &Tx, conversation: Uuid, places: &HashMap<Uuid, i64>) -> Result<()> {
    let mut told = Told::default();
    for one in notifications::go_along(tx, conversation, places).await? {
        told.note(one.user_id, -1, None);
    }
    told.tell(tx).await.map(drop)
}

async fn note_read(tx: &Tx, user: Uuid, which: &Which, told: &mut Told) -> Result<()> {
    let (count, one) = notifications::read(tx, user, which).await?;
    if count > 0 {
        told.note(user, -i64::try_from(count).unwrap_or_default(), one);
    }
    Ok(())
}

/// What contacts wrote, for those whose conversations they are and those who follow them.
async fn of_messages(tx: &Tx, wrote: &BTreeMap<Uuid, Wrote>) -> Result<Vec<notification::Model>> {
    let following = marks::followers(tx, wrote.keys().copied().collect()).await?;
    let mut rows = Vec::new();
    for (id, wrote) in wrote {
        let followers = following.get(id).into_iter().flatten().map(|mark| mark.user_id);
        let users: HashSet<Uuid> = wrote.assignee.into_iter().chain(followers).collect();
        let newest = &wrote.newest;
        let actor = Actor {
            kind: show::stored(&newest.author_kind)?,
            id: newest.author_id,
            name: newest.author_name.clone(),
        };
        rows.extend(users.into_iter().map(|user| {
            let notice = Notice {
                user,
                kind: Kind::Message,
                conversation: *id,
                about: Some(About::of(newest)),
                actor: actor.clone(),
                excerpt: excerpt::of(&newest.text),
            };
            notification::Model { count: wrote.count, ..row(tx, &notice) }
        }));
    }
    // in one order, so that nobody waits in a circle
    rows.sort_unstable_by_key(|row| (row.conversation_id, row.user_id));
    Ok(rows)
}

fn row(tx: &Tx, notice: &Notice) -> notification::Model {
    notification::Model {
        tenant_id: tx.tenant().uuid(),
        id: Uuid::now_v7(),
        user_id: notice.user,
        kind: notice.kind.as_str_name().to_owned(),
        conversation_id: notice.conversation,
        message_id: notice.about.map(|about| about.id),
        seq: notice.about.map(|about| about.seq),
        actor_kind: notice.actor.kind.to_string(),
        actor_id: notice.actor.id,
        actor_name: notice.actor.name.clone(),
        count: 1,
        excerpt: notice.excerpt.clone(),
        created_at: tx.now(),
        updated_at: tx.now(),
        read_at: None,
    }
}
