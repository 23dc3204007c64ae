//! Webhooks into events and answers. Pure: where a caller is stands in the address.

mod events;

use http::Method;
use weft_channel::{
    Event, ReceiveError, Received, WebhookCall, WebhookReply,
    call::{Outcome, State},
};
use weft_twilio::{Fields, is_form};

use crate::{
    Account,
    menu::Step,
    place::Place,
    twiml::{self, Script},
};
use events::{Told, about};

/// Reads a call of Twilio's: about a caller who is somewhere in the tree, or about something that became of a call.
pub(crate) fn receive(account: &Account, call: &WebhookCall) -> Result<Received, ReceiveError> {
    let is_get = call.method == Method::GET;
    if !is_get && !is_form(call) {
        return Ok(Received {
            reply: twiml::nothing(),
            ..Received::ignored("event_stream", "it is not about a call")
        });
    }
    let fields = Fields::read(if is_get { call.query.as_bytes() } else { &call.body });
    let sid = fields.get("CallSid").ok_or_else(|| ReceiveError { why: "it names no call".to_owned() })?;
    let told = Told::read(account, call, &fields, sid)?;
    let (what, place) = call.path_rest.split_once('/').unwrap_or((&call.path_rest, ""));
    let place = Place::read(place);
    Ok(match what {
        "" => begun(account, &told),
        "chosen" => chosen(account, &told, &fields, &place),
        "again" => on(account, &told, &place, true),
        "otherwise" => on(account, &told, &place.otherwise(), false),
        "dialled" => dialled(account, &told, &fields, &place),
        "queued" => queued(account, &told, &fields, &place),
        "waiting" => waiting(account, &told, &place),
        "recorded" => recorded(account, &told),
        "recording" => events::recording(&told, &fields)?,
        "transcription" => events::transcription(account, &told, &fields)?,
        "status" => events::status(&told, &fields),
        "agent" => events::agent_called(&told, &fields),
        "reached" => events::contact_called(&told, &fields),
        _ => Received {
            reply: twiml::nothing(),
            ..Received::ignored("unknown_address", "no address of ours is called so")
        },
    })
}

/// Somebody calls.
fn begun(account: &Account, told: &Told<'_>) -> Received {
    if told.is_status {
        // a number whose status callback was set by hand to the same address
        return events::status(told, told.fields);
    }
    let mut script = Script::default();
    script.say(account, &account.greeting);
    twiml::step(&mut script, account, told.contact(), &Place::default(), false);
    answered(told.message("", Event::Message, about(State::Ringing)), &script)
}

/// A key was pressed.
fn chosen(account: &Account, told: &Told<'_>, fields: &Fields, place: &Place) -> Received {
    let key = fields.get("Digits").unwrap_or_default();
    let Some(choice) = place.step(&account.menu).and_then(|step| step.choice(key)) else {
        return on(account, told, place, true);
    };
    let mut call = about(State::Ringing);
    call.choices.push(choice.label.clone());
    let next = place.chosen(key);
    let mut script = Script::default();
    twiml::step(&mut script, account, told.contact(), &next, false);
    answered(told.edited(&format!("chosen:{}", next.show()), call), &script)
}

/// Goes on at a place; nothing new is told.
fn on(account: &Account, told: &Told<'_>, place: &Place, last: bool) -> Received {
    let mut script = Script::default();
    twiml::step(&mut script, account, told.contact(), place, last);
    Received { reply: script.reply(), ..Received::default() }
}

/// The telephones have rung.
fn dialled(account: &Account, told: &Told<'_>, fields: &Fields, place: &Place) -> Received {
    match fields.get("DialCallStatus") {
        Some("completed" | "answered") => ended(account, told.edited("talked", about(State::Talking))),
        _ => on(account, told, &place.otherwise(), false),
    }
}

/// The caller left the queue.
fn queued(account: &Account, told: &Told<'_>, fields: &Fields, place: &Place) -> Received {
    match fields.get("QueueResult") {
        Some("bridged" | "bridging-in-process" | "redirected-from-bridged") => {
            ended(account, told.edited("talked", about(State::Talking)))
        }
        // the call is over, and its status says so
        Some("hangup") => Received { reply: twiml::nothing(), ..Received::default() },
        _ => on(account, told, &place.otherwise(), false),
    }
}

/// The caller waits in the queue.
fn waiting(account: &Account, told: &Told<'_>, place: &Place) -> Received {
    let mut script = Script::default();
    if let Some(Step::Queue { say, .. }) = place.step(&account.menu) {
        script.say(account, say);
    }
    script.element("Pause", &[("length", "30")], "");
    answered(told.edited("waiting", about(State::Waiting)), &script)
}

/// The caller has left a message; its recording comes by itself.
fn recorded(account: &Account, told: &Told<'_>) -> Received {
    let mut call = about(State::Ringing);
    call.outcome = Outcome::Voicemail.into();
    ended(account, told.edited("recorded", call))
}

fn ended(account: &Account, received: Received) -> Received {
    let mut script = Script::default();
    script.say(account, &account.goodbye);
    script.hang_up();
    answered(received, &script)
}

fn answered(received: Received, script: &Script) -> Received {
    let reply: WebhookReply = script.reply();
    Received { reply, ..received }
}
