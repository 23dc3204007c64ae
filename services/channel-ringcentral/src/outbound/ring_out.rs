use http::Method;
use serde_json::json;
use weft_channel::{Outbound, Receipt, SendError, Transport};

use crate::{Account, api, wire::Taken};

/// Has a telephone of ours ring and connects whoever answers with the contact. What becomes of it, the call itself tells.
pub(super) async fn send(
    account: &Account,
    message: &Outbound,
    to: &[&str],
    transport: &dyn Transport,
) -> Result<Receipt, SendError> {
    let [contact] = to else {
        return Err(SendError::message_invalid("several people cannot be called at once"));
    };
    if !message.attachments.is_empty() {
        return Err(SendError::message_invalid("this channel is for calls and takes no files"));
    }
    let Some(ours) = &account.ring_first else {
        return Err(SendError::account_invalid("no telephone of ours is configured that could ring first"));
    };
    let number = |number: &str| json!({"phoneNumber": number});
    let body = json!({
        "from": number(ours), "to": number(contact), "callerId": number(&account.from_number),
        "playPrompt": account.confirm_by_key,
    });
    let call = api::of_extension(account, Method::POST, &["ring-out"], "heavy").json(body);
    let begun: Taken = api::result(call, transport).await?;
    let warning = "RingCentral connects the telephones and speaks no text".to_owned();
    Ok(Receipt { warnings: vec![warning], ..Receipt::of(format!("ring-out:{}", begun.id.0)) })
}
