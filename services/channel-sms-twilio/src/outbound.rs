//! One part of a message into one call.

pub(crate) mod segments;

use weft_channel::{
    Attachment, Files, Location, Outbound, ProviderCall, Receipt, SendError, Transport,
    plan::location_as_text,
};

use crate::{
    Account,
    address::{self, WHATSAPP},
    wire::SentMessage,
};

/// What an MMS can hold in all.
const MAX_MMS_BYTES: usize = 5_000_000;

/// Sends one part.
pub(crate) async fn send(
    account: &Account,
    message: &Outbound,
    files: &Files,
    transport: &dyn Transport,
) -> Result<Receipt, SendError> {
    let to = message.thread_id.as_str();
    if to.is_empty() {
        return Err(SendError::message_invalid("it has no recipient"));
    }
    let mut form = Form(vec![("To", to.to_owned())]);
    sender(account, to, &mut form)?;
    let warnings = content(account, message, files, &mut form)?;
    if let Some(url) = &account.webhook_url {
        form.add("StatusCallback", url.as_str());
    }
    let call = ProviderCall::post(account.access().url(&["Messages.json"]), "messages").form(form.fields());
    let sent: SentMessage = weft_twilio::result(account.access().with_key(call), transport).await?;
    Ok(Receipt { warnings, ..Receipt::of(sent.sid) })
}

struct Form(Vec<(&'static str, String)>);

impl Form {
    fn add(&mut self, name: &'static str, value: impl Into<String>) {
        self.0.push((name, value.into()));
    }

    fn fields(self) -> Vec<(String, String)> {
        self.0.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Who it is from; on WhatsApp a service stands in when it has a sender there.
fn sender(account: &Account, to: &str, form: &mut Form) -> Result<(), SendError> {
    let is_whatsapp = to.starts_with(WHATSAPP);
    match (&account.whatsapp_sender, &account.messaging_service_sid, &account.from_number) {
        (Some(from), ..) if is_whatsapp => form.add("From", format!("{WHATSAPP}{from}")),
        (_, Some(service), _) => form.add("MessagingServiceSid", service),
        (_, None, Some(from)) if !address::is_prefixed(to) => form.add("From", from),
        _ if is_whatsapp => return Err(SendError::account_invalid("no WhatsApp sender is configured")),
        _ => return Err(SendError::account_invalid("no number and no messaging service are configured")),
    }
    Ok(())
}

fn content(
    account: &Account,
    message: &Outbound,
    files: &Files,
    form: &mut Form,
) -> Result<Vec<String>, SendError> {
    let is_sms = !address::is_prefixed(&message.thread_id);
    if let Some(attachment) = message.attachments.first() {
        if !message.text.is_empty() {
            form.add("Body", &message.text);
        }
        form.add("MediaUrl", link(attachment, files, is_sms)?);
        return Ok(Vec::new());
    }
    if let Some(place) = message.location.as_ref().filter(|_| !is_sms) {
        form.add("Body", name(place));
        form.add("PersistentAction", format!("geo:{},{}|{}", place.latitude, place.longitude, name(place)));
        return Ok(Vec::new());
    }
    let text = message.location.as_ref().map_or_else(|| message.text.clone(), location_as_text);
    if text.trim().is_empty() {
        return Err(SendError::message_invalid("it is empty"));
    }
    let dear = is_sms.then(|| segments::why_dear(&text)).flatten().filter(|_| !account.smart_encoding);
    form.add("Body", text);
    if is_sms && account.smart_encoding {
        form.add("SmartEncoded", "true");
    }
    Ok(dear.into_iter().collect())
}

fn link(attachment: &Attachment, files: &Files, is_sms: bool) -> Result<String, SendError> {
    if is_sms && files.get(attachment)?.bytes.len() > MAX_MMS_BYTES {
        let why = format!("the file “{}” is larger than the 5 MB an MMS takes", attachment.name);
        return Err(SendError::message_invalid(why));
    }
    files.link(attachment).map(|url| url.as_str().to_owned())
}

/// What a place is called; Twilio wants words beside it.
fn name(place: &Location) -> String {
    let given = [&place.title, &place.address].into_iter().find(|text| !text.is_empty());
    given.cloned().unwrap_or_else(|| format!("{}, {}", place.latitude, place.longitude))
}
