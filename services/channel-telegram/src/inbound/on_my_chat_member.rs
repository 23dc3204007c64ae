use weft_channel::{Event, Inbound, Reachability, ReceiveError, Received, inbound};

use super::{
    Context,
    people::{thread, user},
    time,
};
use crate::wire::ChatMemberUpdated;

/// The bot was blocked or unblocked, added to a group or removed from it.
pub(super) fn changed(context: &Context<'_>, update: &ChatMemberUpdated) -> Result<Received, ReceiveError> {
    let member = &update.new_chat_member;
    let reachable = match member.status.as_str() {
        "kicked" | "left" => false,
        "restricted" => member.can_send_messages.unwrap_or(true),
        _ => true,
    };
    let is_private = update.chat.kind == "private";
    let reason = match (reachable, is_private, member.status.as_str()) {
        (true, _, _) => "",
        (false, true, _) => "the contact blocked the bot",
        (false, false, "restricted") => "the bot may no longer write in the group",
        (false, false, _) => "the bot was removed from the group",
    };
    let change = Event::Reachability(Reachability { reachable, reason: reason.to_owned() });
    let thread = thread(&update.chat, None, Some(&update.from));
    let event = inbound::event(&context.key, time(update.date)?, thread, change);
    let sender = (!is_private).then(|| user(&update.from));
    Ok(Received::event(Inbound { sender, ..event }))
}
