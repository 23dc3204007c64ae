use std::collections::HashSet;

use weft_domain::{
    Error, Result,
    id::{self, Conversation},
};

use super::frames::Conversations;

/// Which conversations a socket follows.
pub(super) struct Subscriptions {
    most: usize,
    all: bool,
    named: HashSet<String>,
}

impl Subscriptions {
    pub(super) fn new(most: usize) -> Self {
        Self { most, all: false, named: HashSet::new() }
    }

    pub(super) fn add(&mut self, conversations: &Conversations) -> Result<()> {
        let Conversations::Named(ids) = conversations else {
            self.all = true;
            return Ok(());
        };
        ids.iter().try_for_each(|text| id::parse::<Conversation>("conversations", text).map(drop))?;
        let new = ids.iter().filter(|text| !self.named.contains(*text)).count();
        if self.named.len() + new > self.most {
            let words = format!("one socket may name at most {} conversations", self.most);
            return Err(Error::invalid("too_many_conversations", words).with_field("conversations"));
        }
        self.named.extend(ids.iter().cloned());
        Ok(())
    }

    pub(super) fn remove(&mut self, conversations: &Conversations) {
        match conversations {
            Conversations::All(_) => self.all = false,
            Conversations::Named(ids) => self.named.retain(|id| !ids.contains(id)),
        }
    }

    pub(super) fn follow_all(&self) -> bool {
        self.all
    }

    pub(super) fn include(&self, conversation: &str) -> bool {
        self.all || self.named.contains(conversation)
    }
}
