use http::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::{Url, form_urlencoded};
use weft_channel::{ProviderCall, Transport as _};
use weft_domain::{Error, Result};
use weft_twilio::{SIGNATURE, sign};

use super::{
    Simulator,
    script::{self, Element},
};

/// Nobody is led through more than this.
const MOST_STEPS: usize = 40;

/// What a caller does.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Plan {
    /// The keys to press, one at each menu.
    pub keys: String,
    /// Leaves a message where there is a tone.
    pub message: bool,
    /// Whether the telephones and queues that the caller comes to are answered.
    pub answered: bool,
}

/// A call that goes on.
struct Line {
    sid: String,
    from: String,
    keys: Vec<char>,
    plan: Plan,
    heard: Vec<String>,
}

/// Where it goes on.
enum Next {
    Ask(String, Vec<(String, String)>),
    End,
}

type Fields = Vec<(String, String)>;

fn field(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

impl Simulator {
    /// Calls, does as planned and hangs up; gives what was heard.
    pub async fn call(&self, from: &str, plan: Plan) -> Result<Vec<String>> {
        let (sid, webhook) = self.world.change(|state| (state.next_sid("CA"), state.webhook.clone()));
        let webhook =
            webhook.ok_or_else(|| Error::invalid_field("webhook", "nobody has said where to call"))?;
        let keys = plan.keys.chars().rev().collect();
        let mut line = Line { sid, from: from.to_owned(), keys, plan, heard: Vec::new() };
        let mut next = Next::Ask(webhook.into(), vec![field("CallStatus", "ringing")]);
        for _ in 0..MOST_STEPS {
            let Next::Ask(url, fields) = next else { break };
            let answer = self.ask(&line, &url, fields).await?;
            next = self.follow(&mut line, &answer).await?;
        }
        let status = self.world.lock().status.clone();
        if let Some(status) = status {
            let mut fields = self.common(&line);
            fields.extend([field("CallStatus", "completed"), field("CallDuration", "42")]);
            fields.extend([field("CallbackSource", "call-progress-events"), field("SequenceNumber", "0")]);
            self.world.change(|state| state.pushes.push_back((status, fields)));
        }
        Ok(line.heard)
    }

    fn common(&self, line: &Line) -> Fields {
        let settings = &self.settings;
        vec![
            field("CallSid", &line.sid),
            field("AccountSid", &settings.account_sid),
            field("From", &line.from),
            field("To", &settings.number),
            field("Direction", "inbound"),
            field("ApiVersion", "2010-04-01"),
        ]
    }

    async fn ask(&self, line: &Line, url: &str, fields: Fields) -> Result<Vec<Element>> {
        let mut all = self.common(line);
        if !fields.iter().any(|(name, _)| name == "CallStatus") {
            all.push(field("CallStatus", "in-progress"));
        }
        all.extend(fields);
        let url = Url::parse(url).map_err(|error| self.fault(&format!("11100: {error}")))?;
        let reply = self.transport.call(self.signed(url, all)).await;
        let reply = reply.map_err(|error| self.fault(&format!("11205: {error}")))?;
        if !reply.status.is_success() {
            return Err(self.fault(&format!("11200: the webhook answered {}", reply.status)));
        }
        script::document(&String::from_utf8_lossy(&reply.body))
            .ok_or_else(|| self.fault("12100: it is no script"))
    }

    fn fault(&self, words: &str) -> Error {
        self.world.change(|state| state.last_webhook_error = Some(words.to_owned()));
        Error::internal(words.to_owned())
    }

    /// The call of a webhook.
    pub(super) fn signed(&self, url: Url, fields: Fields) -> ProviderCall {
        let token = SecretString::from(self.settings.auth_token.as_str());
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let signature = sign(&token, url.as_str(), form.as_bytes());
        let call = ProviderCall::post(url, "webhook").form(fields);
        match HeaderValue::from_str(signature.expose_secret()) {
            Ok(value) => call.header(HeaderName::from_static(SIGNATURE), value),
            // cannot happen: base64 is text
            Err(_) => call,
        }
    }

    async fn follow(&self, line: &mut Line, script: &[Element]) -> Result<Next> {
        for element in script {
            let address = |name: &str| element.attribute(name).unwrap_or_default().to_owned();
            match element.name.as_str() {
                "Say" => line.heard.push(element.text()),
                "Gather" => {
                    let inside = script::read(&element.inner).unwrap_or_default();
                    line.heard.extend(inside.iter().map(Element::text));
                    if let Some(key) = line.keys.pop() {
                        return Ok(Next::Ask(address("action"), vec![field("Digits", key)]));
                    }
                }
                "Redirect" => return Ok(Next::Ask(element.text(), Vec::new())),
                "Dial" => {
                    let status = if line.plan.answered { "completed" } else { "no-answer" };
                    return Ok(Next::Ask(address("action"), vec![field("DialCallStatus", status)]));
                }
                "Enqueue" => {
                    let music =
                        self.ask(line, &address("waitUrl"), vec![field("QueuePosition", "1")]).await?;
                    line.heard.extend(music.iter().filter(|one| one.name == "Say").map(Element::text));
                    let result = if line.plan.answered { "bridged" } else { "hangup" };
                    return Ok(Next::Ask(address("action"), vec![field("QueueResult", result)]));
                }
                "Record" if line.plan.message => return Ok(self.record(line, element)),
                // callers who have nothing to say hang up
                "Record" | "Hangup" => return Ok(Next::End),
                "Pause" => {}
                other => return Err(self.fault(&format!("12200: there is no verb `{other}`"))),
            }
        }
        Ok(Next::End)
    }

    /// Leaves a message; it is told of when the call goes on.
    fn record(&self, line: &Line, record: &Element) -> Next {
        let account = &self.settings.account_sid;
        self.world.change(|state| {
            let sid = state.next_sid("RE");
            state.recordings.insert(sid.clone());
            let url = format!("{}/2010-04-01/Accounts/{account}/Recordings/{sid}", state.base);
            let fields =
                [field("CallSid", &line.sid), field("AccountSid", account), field("RecordingSid", &sid)];
            let about = |more: Vec<(String, String)>| fields.iter().cloned().chain(more).collect::<Fields>();
            if let Some(callback) =
                record.attribute("recordingStatusCallback").and_then(|url| Url::parse(url).ok())
            {
                let there = vec![
                    field("RecordingUrl", &url),
                    field("RecordingStatus", "completed"),
                    field("RecordingDuration", "2"),
                ];
                state.pushes.push_back((callback, about(there)));
            }
            if let Some(callback) =
                record.attribute("transcribeCallback").and_then(|url| Url::parse(url).ok())
            {
                let sid = state.next_sid("TR");
                let words = vec![
                    field("TranscriptionSid", sid),
                    field("TranscriptionStatus", "completed"),
                    field("TranscriptionText", "Tickets for tomorrow."),
                ];
                state.pushes.push_back((callback, about(words)));
            }
            let recorded =
                vec![field("RecordingUrl", url), field("RecordingSid", sid), field("RecordingDuration", "2")];
            Next::Ask(record.attribute("action").unwrap_or_default().to_owned(), recorded)
        })
    }
}
