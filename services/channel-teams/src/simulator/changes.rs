use axum::{
    Json,
    extract::{Path, State as Shared},
};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{
    Simulator,
    connector::{Answer, Refusal, check, find, within_reach},
    state::{Place, State},
};

/// Puts another activity in the place of one of the bot's.
pub(super) async fn edit(
    Shared(simulator): Shared<Simulator>,
    Path((_region, conversation, id)): Path<(String, String, String)>,
    headers: HeaderMap,
    Json(activity): Json<Value>,
) -> Answer {
    simulator.admit(&headers)?;
    let place = (conversation, id);
    simulator.world.change(|state| {
        find_own(state, &place)?;
        check(&activity)?;
        if let Some(sent) = state.sent_activity(&place) {
            (sent.activity, sent.edited) = (activity, true);
        }
        Ok((StatusCode::OK, Json(json!({"id": place.1}))))
    })
}

/// Takes an activity of the bot back.
pub(super) async fn delete(
    Shared(simulator): Shared<Simulator>,
    Path((_region, conversation, id)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    simulator.admit(&headers)?;
    let place = (conversation, id);
    simulator.world.change(|state| {
        find_own(state, &place)?;
        state.activities.remove(&place);
        if let Some(sent) = state.sent_activity(&place) {
            sent.deleted = true;
        }
        Ok(StatusCode::NO_CONTENT)
    })
}

fn find_own(state: &State, place: &Place) -> Result<(), Refusal> {
    within_reach(state, &place.0)?;
    if find(state, place)? { Ok(()) } else { Err(Refusal(StatusCode::FORBIDDEN, "Forbidden")) }
}
