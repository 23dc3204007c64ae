use weft_channel::{Event, Inbound, Reaction, ReceiveError, Received, inbound};

use super::{
    Context,
    people::{chat_as_person, thread, user},
    time,
};
use crate::wire::{MessageReaction, ReactionType};

/// Somebody's reactions to a message changed; one event for each that came or went.
pub(super) fn changed(context: &Context<'_>, update: &MessageReaction) -> Result<Received, ReceiveError> {
    let at = time(update.date)?;
    let (old, new) = (emojis(&update.old_reaction), emojis(&update.new_reaction));
    let gone = old.iter().filter(|emoji| !new.contains(emoji)).map(|emoji| (emoji, true));
    let come = new.iter().filter(|emoji| !old.contains(emoji)).map(|emoji| (emoji, false));

    let is_group = update.chat.kind != "private";
    let actor = update.user.as_ref().map(user).or_else(|| update.actor_chat.as_ref().map(chat_as_person));
    let events: Vec<Inbound> = gone
        .chain(come)
        .enumerate()
        .map(|(index, (emoji, removed))| {
            let reaction = Reaction {
                message_id: format!("{}:{}", update.chat.id, update.message_id),
                emoji: emoji.clone(),
                removed,
                only: false,
            };
            let key = if index == 0 { context.key.clone() } else { format!("{}:{index}", context.key) };
            let thread = thread(&update.chat, None, update.user.as_ref());
            let event = inbound::event(key, at, thread, Event::Reaction(reaction));
            Inbound { sender: actor.clone().filter(|_| is_group), ..event }
        })
        .collect();
    if events.is_empty() {
        return Ok(Received::ignored("message_reaction", "no reaction came or went"));
    }
    Ok(Received { events, ..Received::default() })
}

fn emojis(reactions: &[ReactionType]) -> Vec<String> {
    reactions.iter().map(emoji).collect()
}

fn emoji(reaction: &ReactionType) -> String {
    match (&reaction.emoji, &reaction.custom_emoji_id) {
        (Some(emoji), _) => emoji.clone(),
        (None, Some(id)) => format!("custom_emoji:{id}"),
        (None, None) if reaction.kind == "paid" => "⭐".to_owned(),
        (None, None) => reaction.kind.clone(),
    }
}
