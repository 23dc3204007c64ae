use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use weft_channel::{SendError, Transport};
use weft_meta_graph::result;

use crate::{Account, errors};

/// So many questions are shown.
pub(crate) const MAX_ICE_BREAKERS: usize = 4;
const MAX_PAYLOAD: usize = 1000;

/// A question that people can begin with.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IceBreaker {
    /// The question, as they see it and as it comes here.
    pub question: String,
    /// What it carries, for bots and rules.
    pub payload: String,
}

/// The answer to a change of the profile.
#[derive(Deserialize)]
struct Changed {
    result: String,
}

/// Whether a question can be offered.
pub(crate) fn is_whole(ice_breaker: &IceBreaker) -> bool {
    !ice_breaker.question.trim().is_empty() && (1..=MAX_PAYLOAD).contains(&ice_breaker.payload.len())
}

/// Offers the questions to whoever opens a conversation.
pub(crate) async fn offer(account: &Account, transport: &dyn Transport) -> Result<(), SendError> {
    let body = json!({
        "platform": "instagram",
        "ice_breakers": [{"locale": "default", "call_to_actions": account.ice_breakers}],
    });
    let desk = account.desk();
    let mut call = desk.access.post(&[desk.node, "messenger_profile"], "profile")?.json(body);
    call.url.query_pairs_mut().append_pair("platform", "instagram");
    let changed: Changed = result(call, transport, errors::meaning).await?;
    match changed.result.as_str() {
        "success" => Ok(()),
        _ => Err(SendError::rejected("no_ice_breakers", "Meta did not take the questions to begin with")),
    }
}
