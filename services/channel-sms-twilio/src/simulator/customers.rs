use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::Deserialize;
use weft_domain::{Error, Result};

use super::{Simulator, state::State};
use crate::address::{self, WHATSAPP};

/// A picture of one pixel.
const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+M8AAAMBAQAY3Y2wAAAAAElFTkSuQmCC";

/// What a customer does.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Writes. STOP and START have their effect.
    Text(String),
    /// Sends a picture with words.
    Picture(String),
    /// Sends a place; on WhatsApp only.
    Location {
        /// In degrees.
        latitude: f64,
        /// In degrees.
        longitude: f64,
    },
    /// Touches a button; on WhatsApp only.
    Button {
        /// What it shows.
        text: String,
        /// What it carries.
        payload: String,
    },
}

impl Simulator {
    /// Adds a customer, or gives one another name.
    pub fn add_customer(&self, address: &str, name: &str) {
        self.world
            .change(|state| state.customers.entry(address.to_owned()).or_default().name = name.to_owned());
    }

    /// Lets messages to a customer fail with this code, or arrive again.
    pub fn fail_deliveries(&self, address: &str, code: Option<u32>) {
        self.world.change(|state| state.customers.entry(address.to_owned()).or_default().undelivered = code);
    }

    /// Lets a customer do something, `+1…` by SMS and `whatsapp:+1…` there; gives the message's SID.
    pub fn customer_says(&self, address: &str, content: Content) -> Result<String> {
        if address::number(address).is_none() {
            return Err(Error::invalid_field(
                "address",
                "it must be like `+12025550143` or `whatsapp:+12025550143`",
            ));
        }
        let is_whatsapp = address.starts_with(WHATSAPP);
        if !is_whatsapp && matches!(content, Content::Location { .. } | Content::Button { .. }) {
            return Err(Error::invalid_field("content", "only WhatsApp has it"));
        }
        let settings = self.settings.clone();
        Ok(self.world.change(|state| {
            let is_picture = matches!(content, Content::Picture(_));
            let sid = state.next_sid(if is_picture { "MM" } else { "SM" });
            let own = format!("{}{}", if is_whatsapp { WHATSAPP } else { "" }, settings.number);
            note(state, address, &own, &content);
            let mut fields = vec![
                ("MessageSid", sid.clone()),
                ("SmsSid", sid.clone()),
                ("SmsMessageSid", sid.clone()),
                ("AccountSid", settings.account_sid.clone()),
                ("From", address.to_owned()),
                ("To", own),
                ("NumSegments", "1".to_owned()),
                ("SmsStatus", "received".to_owned()),
                ("ApiVersion", "2010-04-01".to_owned()),
            ];
            if is_whatsapp {
                let customer = state.customers.get(address);
                fields.push(("WaId", address.trim_start_matches("whatsapp:+").to_owned()));
                fields.push(("ProfileName", customer.map(|it| it.name.clone()).unwrap_or_default()));
            }
            if state.oddities.unknown_fields {
                fields.push(("AddedLater", "é".to_owned()));
            }
            let account = format!("{}/2010-04-01/Accounts/{}", state.base, settings.account_sid);
            fields.extend(said(state, &content, &format!("{account}/Messages/{sid}")));
            let owned = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            let webhook = state.webhook.clone();
            state.push(webhook, owned);
            sid
        }))
    }
}

/// What Twilio remembers of what was said: that it was, and words that opt out and in. WhatsApp knows no words.
fn note(state: &mut State, address: &str, own: &str, content: &Content) {
    let customer = state.customers.entry(address.to_owned()).or_default();
    customer.wrote = true;
    let Content::Text(text) = content else { return };
    if address.starts_with(WHATSAPP) {
        return;
    }
    match text.trim().to_uppercase().as_str() {
        "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" => {
            customer.opted_out.insert(own.to_owned());
        }
        "START" | "YES" | "UNSTOP" => {
            customer.opted_out.remove(own);
        }
        _ => {}
    }
}

fn said(state: &mut State, content: &Content, message_url: &str) -> Vec<(&'static str, String)> {
    match content {
        Content::Text(text) => vec![("Body", text.clone()), ("NumMedia", "0".to_owned())],
        Content::Picture(text) => {
            let media = state.next_sid("ME");
            let bytes = Bytes::from(STANDARD.decode(PICTURE).unwrap_or_default());
            state.media.insert(media.clone(), ("image/png".to_owned(), bytes));
            vec![
                ("Body", text.clone()),
                ("NumMedia", "1".to_owned()),
                ("MediaUrl0", format!("{message_url}/Media/{media}")),
                ("MediaContentType0", "image/png".to_owned()),
            ]
        }
        Content::Location { latitude, longitude } => vec![
            ("Body", String::new()),
            ("NumMedia", "0".to_owned()),
            ("MessageType", "location".to_owned()),
            ("Latitude", latitude.to_string()),
            ("Longitude", longitude.to_string()),
        ],
        Content::Button { text, payload } => vec![
            ("Body", text.clone()),
            ("NumMedia", "0".to_owned()),
            ("MessageType", "button".to_owned()),
            ("ButtonText", text.clone()),
            ("ButtonPayload", payload.clone()),
        ],
    }
}
