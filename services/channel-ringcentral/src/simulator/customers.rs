use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use chrono::Utc;
use serde::Deserialize;
use serde_json::{Value, json};
use weft_domain::{Error, Result};

use super::{
    EXTENSION, NUMBER, Simulator,
    calls::Played,
    state::{State, set, written},
};
use crate::address;

/// A picture of one pixel.
const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+M8AAAMBAQAY3Y2wAAAAAElFTkSuQmCC";
const NOTHING_SAID: &[u8] = b"RIFF\x24\0\0\0WAVEfmt ";

/// What a customer does.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Writes. STOP and START have their effect.
    Text(String),
    /// Sends a picture with words.
    Picture(String),
    /// Writes to us and to these others.
    Group(Vec<String>, String),
    /// Calls.
    Call(Ending),
    /// Calls, and says this on the voicemail; RingCentral writes it down.
    Voicemail(String),
}

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Somebody talked with the customer.
    Answered,
    /// Nobody did.
    Missed,
}

impl Simulator {
    /// Adds a customer, or gives one another name.
    pub fn add_customer(&self, number: &str, name: &str) {
        self.world
            .change(|state| state.customers.entry(number.to_owned()).or_default().name = name.to_owned());
    }

    /// Lets messages to a customer fail with this code, like `SMS-CAR-430`, or arrive again.
    pub fn fail_deliveries(&self, number: &str, code: Option<&str>) {
        let code = code.map(str::to_owned);
        self.world.change(|state| state.customers.entry(number.to_owned()).or_default().undelivered = code);
    }

    /// Lets a customer do something; gives the id of the message or the call. Nobody's number withholds it.
    pub fn customer(&self, number: &str, content: &Content) -> Result<String> {
        let calls = matches!(content, Content::Call(_) | Content::Voicemail(_));
        let is_withheld = calls && number.is_empty();
        if !address::is_number(number) && !is_withheld {
            return Err(Error::invalid_field("number", "it must be like `+12025550143`"));
        }
        Ok(self.world.change(|state| match content {
            Content::Text(text) => state.says(number, text, &[], false),
            Content::Picture(text) => state.says(number, text, &[], true),
            Content::Group(others, text) => state.says(number, text, others, false),
            Content::Call(Ending::Answered) => {
                let steps: &[(&str, &str)] =
                    &[("Setup", ""), ("Proceeding", ""), ("Answered", ""), ("Disconnected", "")];
                state.calls(number, steps, "Accepted", false)
            }
            Content::Call(Ending::Missed) => {
                let steps: &[(&str, &str)] =
                    &[("Setup", ""), ("Proceeding", ""), ("Disconnected", "NoAnswer")];
                state.calls(number, steps, "Missed", true)
            }
            Content::Voicemail(said) => {
                let steps: &[(&str, &str)] =
                    &[("Proceeding", ""), ("VoiceMail", ""), ("Disconnected", "Voicemail")];
                state.calls(number, steps, "Voicemail", false);
                state.speaks(number, said)
            }
        }))
    }

    /// Lets the extension's owner write in RingCentral's own app; gives the message's id.
    pub fn owner_writes(&self, to: &str, text: &str) -> String {
        self.world.change(|state| {
            let (id, now) = (state.next_id(), Utc::now());
            let message = json!({
                "id": id, "type": "SMS", "direction": "Outbound", "from": {"phoneNumber": NUMBER},
                "to": [{"phoneNumber": to}], "subject": text, "messageStatus": "Sent", "availability": "Alive",
                "creationTime": written(now), "lastModifiedTime": written(now), "attachments": [],
            });
            state.record("SMS", now, message);
            id.to_string()
        })
    }
}

impl State {
    fn says(&mut self, number: &str, text: &str, others: &[String], with_picture: bool) -> String {
        self.remember(number, text);
        let (id, now) = (self.next_id(), Utc::now());
        let mut files = vec![json!({"id": id.to_string(), "type": "Text", "contentType": "text/plain"})];
        if with_picture {
            let bytes = Bytes::from(STANDARD.decode(PICTURE).unwrap_or_default());
            files.push(self.file(id, "MmsAttachment", "image/png", bytes));
        }
        let mut to = vec![json!({"phoneNumber": NUMBER, "name": "Support", "target": true})];
        to.extend(others.iter().map(|other| json!({"phoneNumber": other})));
        let message = json!({
            "id": id.to_string(), "type": "SMS", "direction": "Inbound", "from": self.shown(number), "to": to,
            "creationTime": written(now), "lastModifiedTime": written(now), "readStatus": "Unread",
            "priority": "Normal", "attachments": files, "availability": "Alive", "subject": text,
            "messageStatus": "Received", "conversation": {"id": "1638233798595111162"}, "eventType": "Create",
            "owner": {"extensionId": EXTENSION, "extensionType": "User", "name": "Support"},
        });
        self.record("SMS", now, message.clone());
        self.tell("/message-store/instant?type=SMS", &message);
        id.to_string()
    }

    fn speaks(&mut self, number: &str, said: &str) -> String {
        let (id, now) = (self.next_id(), Utc::now());
        let recording = self.file(id, "AudioRecording", "audio/x-wav", Bytes::from_static(NOTHING_SAID));
        let mut message = json!({
            "id": id.to_string(), "type": "VoiceMail", "direction": "Inbound", "from": self.shown(number),
            "to": [{"phoneNumber": NUMBER, "name": "Support"}], "creationTime": written(now),
            "lastModifiedTime": written(now), "readStatus": "Unread", "priority": "Normal",
            "attachments": [recording.clone()], "availability": "Alive", "vmTranscriptionStatus": "InProgress",
        });
        self.tell("/voicemail", &message);
        let words = self.file(id, "AudioTranscription", "text/plain", Bytes::from(said.to_owned()));
        set(&mut message, "attachments", json!([recording, words]));
        set(&mut message, "vmTranscriptionStatus", "Completed");
        self.record("VoiceMail", now, message);
        id.to_string()
    }

    fn calls(&mut self, number: &str, steps: &[(&str, &str)], result: &str, is_missed: bool) -> String {
        let name = self.customers.get(number).map(|one| one.name.clone()).unwrap_or_default();
        self.play_call(&Played { contact: number, name: &name, is_outbound: false, steps, result, is_missed })
    }

    fn shown(&self, number: &str) -> Value {
        let name = self.customers.get(number).map(|one| one.name.as_str()).filter(|name| !name.is_empty());
        match (number, name) {
            ("", _) => json!({}),
            (number, None) => json!({"phoneNumber": number, "location": "Washington, DC"}),
            (number, Some(name)) => json!({"phoneNumber": number, "name": name}),
        }
    }

    /// Words that stop messages and begin them again.
    fn remember(&mut self, number: &str, text: &str) {
        let customer = self.customers.entry(number.to_owned()).or_default();
        match text.trim().to_uppercase().as_str() {
            "STOP" | "UNSUBSCRIBE" | "QUIT" | "CANCEL" | "END" => customer.opted_out = true,
            "START" | "SUBSCRIBE" | "RESUME" | "CONTINUE" | "UNSTOP" => customer.opted_out = false,
            _ => {}
        }
    }
}
