use weft_channel::{Event, Reachability, ReceiveError, Received};

use super::Context;
use crate::wire::Party;

impl Context<'_> {
    /// Somebody came or went; that matters when it is the bot.
    pub(super) fn membership(&self) -> Result<Received, ReceiveError> {
        let us = self.activity.recipient.as_ref().map(|recipient| recipient.id.as_str());
        let are_we = |parties: &[Party]| parties.iter().any(|party| Some(party.id.as_str()) == us);
        if are_we(&self.activity.members_removed) {
            return self.reachability(false);
        }
        if are_we(&self.activity.members_added) {
            return self.reachability(true);
        }
        Ok(Received::ignored("membership", "who comes and goes is not for conversations"))
    }

    /// The bot was installed, or taken away.
    pub(super) fn installation(&self) -> Result<Received, ReceiveError> {
        match self.activity.action.as_deref() {
            Some("add" | "add-upgrade") => self.reachability(true),
            Some("remove" | "remove-upgrade") => self.reachability(false),
            _ => Ok(Received::ignored("installation", "it does not say what became of it")),
        }
    }

    fn reachability(&self, reachable: bool) -> Result<Received, ReceiveError> {
        let reason = if reachable { "" } else { "the bot was removed from the conversation" };
        let change = Reachability { reachable, reason: reason.to_owned() };
        self.event("", Event::Reachability(change)).map(Received::event)
    }
}
