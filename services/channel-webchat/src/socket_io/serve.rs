use std::{future::ready, sync::Arc, time::Duration};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use socketioxide::extract::{AckSender, SocketRef, TryData};
use tokio::{sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;
use weft_domain::{Error, Result};

use super::{Door, events};
use crate::{
    admit::{Opened, admit},
    ear::{Ear, Ended, Heard},
    history::MAX_PAGE,
    http::Api,
    metering,
    talk::{self, refusal},
};

/// What a page may have said before we look at it; more is too fast.
const WAITING: usize = 64;
const JOIN_WITHIN: Duration = Duration::from_secs(60);

/// One event of a page.
struct Event {
    name: &'static str,
    body: Value,
    ack: AckSender,
}

/// What a page says to join; the rest is what it says of its visitor.
#[derive(Deserialize)]
struct Join {
    session_token: Option<String>,
    #[serde(default)]
    after_seq: u64,
    #[serde(flatten)]
    asked: Map<String, Value>,
}

/// Why nothing more is said.
enum Over {
    /// The page has gone, or takes nothing more.
    Gone,
    /// It is over from our side.
    Ended(Ended),
}

/// Serves a socket. One task takes all its events in their order; the library would start one for each.
pub(super) fn start(api: &Arc<Api>, socket: &SocketRef, door: Door) {
    let (said, heard) = mpsc::channel::<Event>(WAITING);
    for name in events::SAID.into_iter().map(|(name, _)| name).chain([events::JOIN]) {
        let said = said.clone();
        socket.on(name, move |socket: SocketRef, TryData(body): TryData<Value>, ack: AckSender| {
            let event = Event { name, body: body.unwrap_or_default(), ack };
            if said.try_send(event).is_err() {
                let too_fast = Error::throttled(Duration::from_secs(1));
                drop(emit(&socket, refusal(&too_fast, None)));
            }
            // what had to be in order is done
            ready(())
        });
    }
    let gone = CancellationToken::new();
    let left = gone.clone();
    socket.on_disconnect(move || {
        left.cancel();
        ready(())
    });
    let tasks = api.lifecycle.intake().clone();
    let (api, socket) = (Arc::clone(api), socket.clone());
    tasks.spawn("serve a visitor by socket.io", async move {
        let served = gone.run_until_cancelled(serve(&api, &socket, &door, heard)).await;
        if let Some(Err(Over::Ended(why))) = served {
            drop(emit(&socket, farewell(why)));
        }
        // who has gone cannot be sent away
        drop(socket.disconnect());
    });
}

async fn serve(
    api: &Arc<Api>,
    socket: &SocketRef,
    door: &Door,
    mut heard: mpsc::Receiver<Event>,
) -> std::result::Result<(), Over> {
    emit(socket, json!({"type": "connected", "name": door.chat.account.name}))?;
    let mut ear = tokio::select! {
        joined = until_joined(api, socket, door, &mut heard) => joined?,
        () = sleep(JOIN_WITHIN) => return Err(Over::Gone),
        () = api.stop.cancelled() => return Err(Over::Ended(Ended::Restarting)),
    };
    loop {
        tokio::select! {
            event = heard.recv() => {
                let Some(Event { name, body, ack }) = event else { return Err(Over::Gone) };
                let said = serde_json::from_value(events::frame(name, body));
                answer(socket, ack, talk::hear(api, &ear.visitor, said).await)?;
            }
            what = ear.next() => match what {
                Heard::Frame(frame) => emit(socket, serde_json::from_slice(&frame).unwrap_or_default())?,
                Heard::Tick => {
                    if let Some(news) = ear.look_around().await.map_err(Over::Ended)? {
                        emit(socket, news)?;
                    }
                }
                Heard::Ended(why) => return Err(Over::Ended(why)),
            },
        }
    }
}

async fn until_joined(
    api: &Arc<Api>,
    socket: &SocketRef,
    door: &Door,
    heard: &mut mpsc::Receiver<Event>,
) -> std::result::Result<Ear, Over> {
    while let Some(Event { name, body, ack }) = heard.recv().await {
        let joined = match name {
            events::JOIN => join(api, door, body).await,
            _ => Err(Error::precondition("not_joined", "say `join_session` first")),
        };
        match joined {
            Ok((ear, frame)) => {
                answer(socket, ack, vec![frame])?;
                return Ok(ear);
            }
            Err(error) => answer(socket, ack, vec![refusal(&error, None)])?,
        }
    }
    Err(Over::Gone)
}

/// Opens a session, or takes up the one that is shown, and gives what was said so far.
async fn join(api: &Arc<Api>, door: &Door, body: Value) -> Result<(Ear, Value)> {
    let misfit =
        |error: serde_json::Error| Error::invalid("invalid_frame", format!("this joins nothing: {error}"));
    let body = if body.is_object() { body } else { json!({}) };
    let Join { session_token, after_seq, asked } = serde_json::from_value(body).map_err(misfit)?;
    let known = session_token.map(|token| door.chat.visitor(&token, api)).transpose()?;
    let visitor = match known {
        // it holds as it is
        Some(visitor) if asked.is_empty() => visitor,
        known => {
            let asked = serde_json::from_value(Value::Object(asked)).map_err(misfit)?;
            api.gate.session(door.address).await?;
            admit(api, &door.chat, known.map(|visitor| visitor.session), asked).await?
        }
    };
    // from here on nothing is missed: what came before is in the history
    let pushed = api.bus.subscribe_live(&visitor.room.subject()?).await?;
    let page = api.history.list(&visitor, after_seq, MAX_PAGE, api.clock.now()).await?;
    let opened = serde_json::to_value(Opened::of(&visitor)?).map_err(Error::internal)?;
    let ear = Ear::new(api, visitor, pushed).await;
    let history = json!({
        "type": "joined",
        "presence": ear.presence,
        "messages": page.items,
        "after_seq": page.after_seq,
        "more": page.more,
    });
    let fields = [opened, history].into_iter().filter_map(|part| match part {
        Value::Object(fields) => Some(fields),
        _ => None,
    });
    Ok((ear, fields.flatten().collect()))
}

/// Emits what a page is answered, and calls it back with the end of it, if it wants to be.
fn answer(socket: &SocketRef, ack: AckSender, frames: Vec<Value>) -> std::result::Result<(), Over> {
    let last = frames.last().cloned().map(|frame| events::event(frame).1).unwrap_or_default();
    drop(ack.send(&last));
    frames.into_iter().try_for_each(|frame| emit(socket, frame))
}

fn emit(socket: &SocketRef, frame: Value) -> std::result::Result<(), Over> {
    let (name, body) = events::event(frame);
    socket.emit(name, &body).map_err(|_| {
        if socket.connected() {
            metering::cut();
        }
        Over::Gone
    })
}

fn farewell(why: Ended) -> Value {
    let (reason, message) = match why {
        Ended::Restarting => ("going_away", "the service is being restarted; connect again"),
        Ended::Expired => ("session_expired", "this session is over; open a new one"),
        Ended::NoChannel => ("not_found", "this chat was switched off"),
    };
    json!({"type": "error", "reason": reason, "message": message})
}
