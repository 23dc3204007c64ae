use weft_channel::{
    Call, DeliveryReport, Event, Media, MessageEdited, MessageReceived, Person, ReceiveError, Received,
    Thread, Transcribed, Transcript, WebhookCall, attachment, call::State, delivery_report, inbound,
};
use weft_twilio::{Fields, is_number};

use crate::{Account, twiml};

/// What a call of Twilio's is about.
pub(super) struct Told<'a> {
    pub(super) fields: &'a Fields,
    /// Whether it says what became of a call.
    pub(super) is_status: bool,
    call: &'a WebhookCall,
    sid: &'a str,
    contact: String,
}

impl<'a> Told<'a> {
    /// Reads whose call it is: our own addresses say it, the first one of a call does by its fields.
    pub(super) fn read(
        account: &Account,
        call: &'a WebhookCall,
        fields: &'a Fields,
        sid: &'a str,
    ) -> Result<Self, ReceiveError> {
        let other_side = |name: &str| fields.get(name).filter(|number| *number != account.from_number);
        let named = call.query_value("contact");
        let contact = named.or_else(|| other_side("From").or_else(|| other_side("To")).map(str::to_owned));
        let contact = contact
            .ok_or_else(|| ReceiveError { why: "it names nobody who calls or is called".to_owned() })?;
        let status = fields.get("CallStatus").unwrap_or_default();
        let is_status = fields.get("CallbackSource").is_some()
            || matches!(status, "completed" | "busy" | "failed" | "no-answer" | "canceled");
        Ok(Self { fields, is_status, call, sid, contact })
    }

    /// The contact's number.
    pub(super) fn contact(&self) -> &str {
        &self.contact
    }

    fn thread(&self) -> Thread {
        let number = &self.contact;
        let name = self.fields.get("CallerName").filter(|_| self.fields.get("From") == Some(number));
        let person = Person {
            id: number.clone(),
            name: name.unwrap_or(number).to_owned(),
            phone: is_number(number).then(|| number.clone()),
            ..Person::default()
        };
        inbound::direct(number.clone(), person)
    }

    /// An event about this call; its key is the call's and what it says.
    pub(super) fn message(&self, said: &str, event: fn(MessageReceived) -> Event, call: Call) -> Received {
        let message =
            MessageReceived { id: self.sid.to_owned(), call: Some(call), ..MessageReceived::default() };
        let key = if said.is_empty() { self.sid.to_owned() } else { format!("{}:{said}", self.sid) };
        self.event(key, event(message))
    }

    /// A change of this call.
    pub(super) fn edited(&self, said: &str, call: Call) -> Received {
        self.message(said, |message| Event::Edited(MessageEdited { message: Some(message) }), call)
    }

    fn event(&self, key: String, event: Event) -> Received {
        let event = inbound::event(key, self.call.received_at, self.thread(), event);
        Received { events: vec![event], reply: twiml::nothing(), ..Received::default() }
    }
}

/// A call in this state.
pub(super) fn about(state: State) -> Call {
    Call { state: state.into(), ..Call::default() }
}

/// What became of a call: the contact's own ends; one of ours tells what became of the message that it speaks.
pub(super) fn status(told: &Told<'_>, fields: &Fields) -> Received {
    let status = fields.get("CallStatus").unwrap_or_default();
    let is_ours = fields.get("Direction").is_some_and(|direction| direction.starts_with("outbound"));
    if is_ours {
        return report(told, status, "");
    }
    match status {
        "completed" | "busy" | "failed" | "no-answer" | "canceled" => {
            let seconds = fields.number("CallDuration").unwrap_or_default();
            told.edited(status, Call { seconds, ..about(State::Ended) })
        }
        _ => on_the_way(),
    }
}

/// What became of calling our own telephone first: that it answered does not mean that the contact was reached.
pub(super) fn agent_called(told: &Told<'_>, fields: &Fields) -> Received {
    match fields.get("CallStatus").unwrap_or_default() {
        "completed" => on_the_way(),
        status => report(told, status, "our own telephone was called first: "),
    }
}

/// What became of calling the contact after that.
pub(super) fn contact_called(told: &Told<'_>, fields: &Fields) -> Received {
    match fields.get("DialCallStatus").unwrap_or_default() {
        "answered" => report(told, "completed", ""),
        status => report(told, status, ""),
    }
}

fn report(told: &Told<'_>, status: &str, whose: &str) -> Received {
    use delivery_report::State::{Delivered, Failed};
    let (state, reason) = match status {
        "completed" => (Delivered, ""),
        "busy" => (Failed, "the line was busy"),
        "no-answer" => (Failed, "nobody answered the telephone"),
        "canceled" => (Failed, "the call was ended before anybody answered"),
        "failed" => (Failed, "the number could not be called"),
        _ => return on_the_way(),
    };
    let report = DeliveryReport {
        id: told.sid.to_owned(),
        state: state.into(),
        reason: if reason.is_empty() { String::new() } else { format!("{whose}{reason}") },
        code: if reason.is_empty() { String::new() } else { status.to_owned() },
        ..DeliveryReport::default()
    };
    told.event(format!("{}:{status}", told.sid), Event::Report(report))
}

fn on_the_way() -> Received {
    let ignored = Received::ignored("status_on_the_way", "it says nothing new about the call");
    Received { reply: twiml::nothing(), ..ignored }
}

/// A recording is there.
pub(super) fn recording(told: &Told<'_>, fields: &Fields) -> Result<Received, ReceiveError> {
    let field =
        |name: &str| fields.get(name).ok_or_else(|| ReceiveError { why: format!("`{name}` is missing") });
    if fields.get("RecordingStatus").is_some_and(|status| status != "completed") {
        let ignored = Received::ignored("recording_on_the_way", "there is no recording yet, or none at all");
        return Ok(Received { reply: twiml::nothing(), ..ignored });
    }
    let (sid, url) = (field("RecordingSid")?, field("RecordingUrl")?);
    let message = MessageReceived {
        id: sid.to_owned(),
        reply_to: Some(told.sid.to_owned()),
        media: vec![Media {
            reference: format!("{url}.mp3"),
            kind: attachment::Kind::Voice.into(),
            name: "recording.mp3".to_owned(),
            mime: "audio/mpeg".to_owned(),
            unique_id: sid.to_owned(),
            ..Media::default()
        }],
        ..MessageReceived::default()
    };
    Ok(told.event(sid.to_owned(), Event::Message(message)))
}

/// Twilio has written a recording down, or could not.
pub(super) fn transcription(
    account: &Account,
    told: &Told<'_>,
    fields: &Fields,
) -> Result<Received, ReceiveError> {
    let (Some(text), Some("completed")) =
        (fields.get("TranscriptionText"), fields.get("TranscriptionStatus"))
    else {
        let ignored = Received::ignored("no_transcription", "the recording could not be written down");
        return Ok(Received { reply: twiml::nothing(), ..ignored });
    };
    let field =
        |name: &str| fields.get(name).ok_or_else(|| ReceiveError { why: format!("`{name}` is missing") });
    let transcript =
        Transcript { text: text.to_owned(), language: account.language.clone(), confidence: None };
    let transcribed = Transcribed { id: field("RecordingSid")?.to_owned(), transcript: Some(transcript) };
    Ok(told.event(field("TranscriptionSid")?.to_owned(), Event::Transcribed(transcribed)))
}
