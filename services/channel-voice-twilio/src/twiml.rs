//! What Twilio is told to do with a call, in its own markup.

use url::Url;
use weft_channel::WebhookReply;

use crate::{Account, menu::Step, place::Place};

/// How long callers have to press a key.
const SECONDS_TO_CHOOSE: &str = "6";

/// A document that grows from the top.
#[derive(Debug, Default)]
pub(crate) struct Script(String);

impl Script {
    /// Speaks, when there is something to say.
    pub(crate) fn say(&mut self, account: &Account, words: &str) {
        if words.trim().is_empty() {
            return;
        }
        let mut attributes = vec![("language", account.language.as_str())];
        attributes.extend(account.voice.as_deref().map(|voice| ("voice", voice)));
        self.element("Say", &attributes, &escaped(words));
    }

    /// An element; its content is markup already.
    pub(crate) fn element(&mut self, name: &str, attributes: &[(&str, &str)], content: &str) {
        self.0.push('<');
        self.0.push_str(name);
        for (key, value) in attributes {
            self.0.extend([" ", key, "=\"", &escaped(value), "\""]);
        }
        match content {
            "" => self.0.push_str("/>"),
            content => self.0.extend([">", content, "</", name, ">"]),
        }
    }

    /// Ends the call.
    pub(crate) fn hang_up(&mut self) {
        self.element("Hangup", &[], "");
    }

    /// What is in it, for another element.
    pub(crate) fn markup(&self) -> &str {
        &self.0
    }

    /// The whole document.
    pub(crate) fn document(&self) -> String {
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{}</Response>", self.0)
    }

    /// The document as an answer.
    pub(crate) fn reply(&self) -> WebhookReply {
        WebhookReply {
            content_type: "text/xml".into(),
            body: self.document().into(),
            ..WebhookReply::default()
        }
    }
}

/// An answer to what wants none: nothing happens.
pub(crate) fn nothing() -> WebhookReply {
    WebhookReply { content_type: "text/xml".into(), body: "<Response/>".into(), ..WebhookReply::default() }
}

/// Writes what a step does. `last` reads a menu for the last time.
pub(crate) fn step(script: &mut Script, account: &Account, contact: &str, place: &Place, last: bool) {
    let Some(step) = place.step(&account.menu) else {
        script.say(account, &account.goodbye);
        return script.hang_up();
    };
    let at = |what: &str| address(account, &format!("{what}/{}", place.show()), contact);
    match step {
        Step::Menu { say, .. } => {
            let mut words = Script::default();
            words.say(account, say);
            let chosen = at("chosen");
            let attributes = [
                ("input", "dtmf"),
                ("numDigits", "1"),
                ("timeout", SECONDS_TO_CHOOSE),
                // nothing is said before it is chosen
                ("finishOnKey", ""),
                ("action", &chosen),
                ("method", "POST"),
            ];
            script.element("Gather", &attributes, &words.0);
            let next = if last { at("otherwise") } else { at("again") };
            script.element("Redirect", &[("method", "POST")], &escaped(&next));
        }
        Step::Call { numbers, seconds, .. } => {
            let mut telephones = Script::default();
            numbers.iter().for_each(|number| telephones.element("Number", &[], &escaped(number)));
            let (dialled, recording, seconds) =
                (at("dialled"), address(account, "recording", contact), seconds.to_string());
            let mut attributes =
                vec![("action", dialled.as_str()), ("method", "POST"), ("timeout", &seconds)];
            if account.record_talks {
                attributes
                    .extend([("record", "record-from-answer"), ("recordingStatusCallback", &recording)]);
            }
            script.element("Dial", &attributes, &telephones.0);
        }
        Step::Queue { name, .. } => {
            let (queued, waiting) = (at("queued"), at("waiting"));
            let attributes = [
                ("action", queued.as_str()),
                ("method", "POST"),
                ("waitUrl", &waiting),
                ("waitUrlMethod", "POST"),
            ];
            script.element("Enqueue", &attributes, &escaped(name));
        }
        Step::Voicemail { say, seconds } => {
            script.say(account, say);
            record(script, account, contact, &at("recorded"), *seconds);
            // only callers who say nothing come here
            script.say(account, &account.goodbye);
            script.hang_up();
        }
        Step::HangUp { say } => {
            script.say(account, if say.is_empty() { &account.goodbye } else { say });
            script.hang_up();
        }
    }
}

fn record(script: &mut Script, account: &Account, contact: &str, recorded: &str, seconds: u32) {
    let (recording, transcription, seconds) = (
        address(account, "recording", contact),
        address(account, "transcription", contact),
        seconds.to_string(),
    );
    let mut attributes = vec![
        ("action", recorded),
        ("method", "POST"),
        ("maxLength", seconds.as_str()),
        ("playBeep", "true"),
        ("recordingStatusCallback", &recording),
    ];
    if account.transcribe {
        attributes.extend([("transcribe", "true"), ("transcribeCallback", &transcription)]);
    }
    script.element("Record", &attributes, "");
}

/// An address of ours that says what it is about, and with whom: some callbacks name nobody.
pub(crate) fn address(account: &Account, what: &str, contact: &str) -> String {
    let Some(mut url) = account.webhook_url.clone() else { return String::new() };
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(what.split('/'));
    }
    url.query_pairs_mut().append_pair("contact", contact);
    Url::into(url)
}

/// Text as markup.
pub(crate) fn escaped(text: &str) -> String {
    let mut markup = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => markup.push_str("&amp;"),
            '<' => markup.push_str("&lt;"),
            '>' => markup.push_str("&gt;"),
            '"' => markup.push_str("&quot;"),
            // XML has no other control characters
            letter if letter.is_control() && !matches!(letter, '\n' | '\t' | '\r') => markup.push(' '),
            letter => markup.push(letter),
        }
    }
    markup
}
