use serde_json::Value;
use weft_channel::{Event, Inbound, MessageReceived, Person, ReceiveError, Received, inbound};

use super::{
    instant,
    place::{Place, message_id},
    wrong,
};
use crate::{
    Account, emoji,
    wire::{Action, Interaction, User, form_value},
};

/// Reads what somebody did with a button or a menu.
pub(super) fn receive(account: &Account, form: &[u8]) -> Result<Received, ReceiveError> {
    let Some(payload) = form_value(form, "payload") else {
        return Ok(match form_value(form, "command") {
            Some(_) => Received::ignored("slash_command", "commands are not for conversations"),
            None => return Err(wrong("a form without `payload`")),
        });
    };
    let interaction: Interaction =
        serde_json::from_str(&payload).map_err(|error| ReceiveError::from_json(&error))?;
    if interaction.team.as_ref().is_some_and(|team| team.id != account.team_id) {
        return Ok(Received::ignored("other_workspace", "it is of another workspace"));
    }
    if interaction.kind != "block_actions" {
        return Ok(Received::ignored("other_interaction", "this kind is not for conversations"));
    }
    let mut received = Received::default();
    for raw in &interaction.actions {
        received.append(chosen(&interaction, raw).unwrap_or_else(|error| inbound::unreadable(error, raw)));
    }
    Ok(received)
}

fn chosen(interaction: &Interaction, raw: &Value) -> Result<Received, ReceiveError> {
    let action: Action = inbound::read(raw)?;
    let user = interaction.user.as_ref().ok_or_else(|| wrong("it does not say who did it"))?;
    let container =
        interaction.container.as_ref().ok_or_else(|| wrong("it does not say where it happened"))?;
    let (Some(channel), Some(ts)) = (&container.channel_id, &container.message_ts) else {
        return Ok(Received::ignored("outside_of_messages", "it is not on a message"));
    };
    let at = instant(&action.action_ts).ok_or_else(|| wrong("its time is none"))?;
    let (value, label) = match action.selected_option {
        Some(choice) => (Some(choice.value), choice.text),
        None => (action.value, action.text),
    };
    let Some(value) = value else {
        return Ok(Received::ignored("link", "it only opens an address"));
    };
    let root = interaction.message.as_ref().and_then(|message| message.thread_ts.as_deref());
    let root = root.or(container.thread_ts.as_deref()).unwrap_or(ts);
    let (thread, sender) = Place { channel, channel_type: "", root }.thread(Some(person(user)));
    let id = format!("action:{channel}:{}:{}", action.action_ts, user.id);
    let message = MessageReceived {
        id: id.clone(),
        text: label.map_or_else(|| value.clone(), |label| emoji::replaced(&label.text)),
        postback: Some(value),
        reply_to: Some(message_id(channel, ts)),
        ..MessageReceived::default()
    };
    Ok(Received::event(Inbound { sender, ..inbound::event(id, at, thread, Event::Message(message)) }))
}

/// Their user name is not what people are called by; that is asked for like everybody's.
fn person(user: &User) -> Person {
    Person { id: user.id.clone(), username: user.username.clone(), ..Person::default() }
}
