//! Who looks at a conversation, and who writes in it, so that two do not answer at once. Kept in the cache for half a minute, and
//! said again while it is so: what is lost comes back by itself.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use weft_auth::Principal;
use weft_bus::subject;
use weft_cache::Key;
use weft_domain::{Error, Result, id};
use weft_proto::{
    events::v1::{ViewerSeen, viewer_seen},
    json,
};

use super::Shared;

/// Who does not say it again is gone.
const LIFE: Duration = Duration::from_secs(30);
/// What is said again sooner is old news.
const OLD_NEWS: Duration = Duration::from_secs(5);
/// So many conversations somebody is in with one socket.
const MOST: usize = 10;
/// So many are shown in one conversation.
const CROWD: usize = 100;

/// What somebody does in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Doing {
    /// Not there any more.
    Gone,
    /// Looks at it.
    Viewing,
    /// Writes an answer.
    Composing,
}

/// Somebody in a conversation.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Viewer {
    /// The user's id.
    who: String,
    doing: Doing,
}

/// What one socket has said.
#[derive(Default)]
pub(super) struct Viewers {
    said: HashMap<String, (Doing, DateTime<Utc>)>,
}

/// A socket in a conversation, as it is kept.
#[derive(Serialize, Deserialize)]
struct Here {
    who: String,
    doing: Doing,
    until: DateTime<Utc>,
}

impl Viewers {
    /// Notes what a socket's caller does in a conversation, tells the others, and gives back who else is there.
    pub(super) async fn say(
        &mut self,
        shared: &Shared,
        (caller, socket): (&Principal, &str),
        conversation: &str,
        doing: Doing,
    ) -> Result<Vec<Viewer>> {
        id::parse::<id::Conversation>("conversation", conversation)?;
        let now = shared.clock.now();
        let before = self.said.get(conversation).copied();
        if before.is_none() && doing != Doing::Gone && self.said.len() >= MOST {
            let words = format!("one socket is in at most {MOST} conversations; say `gone` of another first");
            return Err(Error::invalid("too_many_conversations", words).with_field("conversation"));
        }
        let me = caller.user().to_string();
        let mut here = read(shared, caller, conversation).await;
        if doing == Doing::Gone {
            self.said.remove(conversation);
            here.remove(socket);
        } else {
            here.insert(socket.to_owned(), Here { who: me.clone(), doing, until: now + LIFE });
        }
        write(shared, caller, conversation, &here).await;
        let is_news = before.is_none_or(|(said, at)| said != doing || now - at > chrono_of(OLD_NEWS));
        if is_news {
            // another window of the same person may still be there
            let shown = seen(&here).remove(&me).unwrap_or(Doing::Gone);
            tell(shared, caller, conversation, shown).await?;
            if doing != Doing::Gone {
                self.said.insert(conversation.to_owned(), (doing, now));
            }
        }
        let others = seen(&here).into_iter().filter(|(who, _)| *who != me).take(CROWD);
        Ok(others.map(|(who, doing)| Viewer { who, doing }).collect())
    }

    /// The socket is no more.
    pub(super) async fn leave(mut self, shared: &Shared, socket: (&Principal, &str)) {
        let conversations: Vec<String> = self.said.keys().cloned().collect();
        for conversation in conversations {
            // who is not told finds out within half a minute
            if let Err(error) = self.say(shared, socket, &conversation, Doing::Gone).await {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "nobody was told that somebody left"
                );
            }
        }
    }
}

/// What each person does, at most.
fn seen(here: &BTreeMap<String, Here>) -> BTreeMap<String, Doing> {
    let mut seen = BTreeMap::new();
    for one in here.values() {
        let doing = seen.entry(one.who.clone()).or_insert(one.doing);
        *doing = (*doing).max(one.doing);
    }
    seen
}

async fn read(shared: &Shared, caller: &Principal, conversation: &str) -> BTreeMap<String, Here> {
    let kept = shared.cache.get(&key(caller, conversation)).await;
    let mut here: BTreeMap<String, Here> =
        kept.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let now = shared.clock.now();
    here.retain(|_, one| one.until > now);
    here
}

async fn write(shared: &Shared, caller: &Principal, conversation: &str, here: &BTreeMap<String, Here>) {
    if let Ok(bytes) = serde_json::to_vec(here) {
        shared.cache.set(&key(caller, conversation), bytes, LIFE).await;
    }
}

async fn tell(shared: &Shared, caller: &Principal, conversation: &str, doing: Doing) -> Result<()> {
    let doing = match doing {
        Doing::Gone => viewer_seen::Doing::Gone,
        Doing::Viewing => viewer_seen::Doing::Viewing,
        Doing::Composing => viewer_seen::Doing::Composing,
    };
    let seen = ViewerSeen {
        conversation_id: conversation.to_owned(),
        who: caller.user().to_string(),
        doing: doing.into(),
    };
    let everybody = subject::live(&caller.tenant.to_string(), &["viewer"])?;
    shared.bus.publish_live(&everybody, json::encode(&seen)?).await
}

fn key(caller: &Principal, conversation: &str) -> Key {
    Key::tenant(&caller.tenant, "viewers", &[conversation])
}

fn chrono_of(duration: Duration) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(duration).unwrap_or_default()
}
