use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;
use url::Url;
use weft_auth::RsaSigner;
use weft_channel::simulation::Records;

use super::Fault;

/// In one second in one conversation.
const MOST_AT_ONCE: usize = 7;
/// What is more is lost: nobody delivers it again.
const MOST_PUSHES: usize = 30_000;

/// An activity's conversation and its id there.
pub(super) type Place = (String, String);

/// All there is.
pub(super) struct State {
    /// Where all of it listens.
    pub(super) base: String,
    /// What calls are signed with: the last one; all are published.
    pub(super) keys: Vec<RsaSigner>,
    /// The tokens that were given, until they are taken back.
    pub(super) tokens: BTreeSet<String>,
    /// The names of people.
    pub(super) people: BTreeMap<String, String>,
    /// Who blocked the bot.
    pub(super) blocked: BTreeSet<String>,
    /// What is there; true: the bot's.
    pub(super) activities: BTreeMap<Place, bool>,
    pub(super) sent: Records<Sent>,
    /// The conversations that the bot showed that it is typing in.
    pub(super) typing: Vec<String>,
    /// Where the portal says to call, once somebody entered it.
    pub(super) webhook: Option<Url>,
    /// What is still to be delivered, oldest first.
    pub(super) pushes: VecDeque<Value>,
    pub(super) faults: VecDeque<Fault>,
    recent: BTreeMap<String, Vec<Instant>>,
    last_id: u64,
}

/// An activity that the bot sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sent {
    /// The conversation.
    pub conversation: String,
    /// Its id there.
    pub id: String,
    /// What it is now, as it came.
    pub activity: Value,
    /// Under which path of this server it was sent.
    pub region: String,
    /// The bot put another in its place.
    pub edited: bool,
    /// The bot took it back.
    pub deleted: bool,
}

impl State {
    pub(super) fn new(key: RsaSigner) -> Self {
        Self {
            base: String::new(),
            keys: vec![key],
            tokens: BTreeSet::new(),
            people: BTreeMap::new(),
            blocked: BTreeSet::new(),
            activities: BTreeMap::new(),
            sent: Records::default(),
            typing: Vec::new(),
            webhook: None,
            pushes: VecDeque::new(),
            faults: VecDeque::new(),
            recent: BTreeMap::new(),
            last_id: 0,
        }
    }

    /// The next id of an activity.
    pub(super) fn next_id(&mut self) -> String {
        self.last_id += 1;
        (1_767_225_600_000 + self.last_id).to_string()
    }

    /// The conversation of a person with the bot.
    pub(super) fn personal(person: &str) -> String {
        format!("a:1{}", person.trim_start_matches("29:"))
    }

    /// The person of a conversation, if it is one.
    pub(super) fn person_of(&self, conversation: &str) -> Option<&String> {
        self.people.keys().find(|person| Self::personal(person) == conversation)
    }

    /// The record of an activity that the bot sent.
    pub(super) fn sent_activity(&mut self, (conversation, id): &Place) -> Option<&mut Sent> {
        self.sent.iter_mut().rev().find(|sent| sent.conversation == *conversation && sent.id == *id)
    }

    /// Takes a place in a conversation's rate; false when there is none.
    pub(super) fn may_send(&mut self, conversation: &str) -> bool {
        let recent = self.recent.entry(conversation.to_owned()).or_default();
        recent.retain(|at| at.elapsed().as_secs() < 1);
        let may = recent.len() < MOST_AT_ONCE;
        if may {
            recent.push(Instant::now());
        }
        may
    }

    /// Puts one behind those that are to be delivered.
    pub(super) fn push(&mut self, activity: Value) {
        if self.pushes.len() < MOST_PUSHES {
            self.pushes.push_back(activity);
        }
    }
}
