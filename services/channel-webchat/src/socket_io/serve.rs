use std::{future::ready, sync::Arc, time::Duration};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use socketioxide::extract::{AckSender, SocketRef, TryData};
use tokio::{
    sync::mpsc::{self, error::TrySendError},
    time::sleep,
};
use tokio_util::sync::CancellationToken;
use weft_domain::{Error, Result};

use super::{
    Door, events,
    page::{Gone, Page},
};
use crate::{
    admit::{Opened, admit},
    ear::{Ear, Ended, Heard},
    history::MAX_PAGE,
    http::{Api, visitor::Chat},
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
            // a page that is being sent away is not too fast
            if let Err(TrySendError::Full(_)) = said.try_send(event) {
                let too_fast = Error::throttled(Duration::from_secs(1));
                Page::try_emit(&socket, refusal(&too_fast, None));
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
    let (api, page) = (Arc::clone(api), Page::new(socket.clone(), api.config.slow_after()));
    tasks.spawn("serve a visitor by socket.io", async move {
        let Some(Err(over)) = gone.run_until_cancelled(Box::pin(serve(&api, &page, &door, heard))).await
        else {
            return;
        };
        let words = match over {
            Over::Ended(why) => Some(farewell(why)),
            Over::Gone => None,
        };
        tokio::select! {
            biased;
            () = page.send_away(words) => {}
            () = gone.cancelled() => {}
            // all connections end
            () = api.stop.cancelled() => {}
        }
    });
}

async fn serve(
    api: &Arc<Api>,
    page: &Page,
    door: &Door,
    mut heard: mpsc::Receiver<Event>,
) -> std::result::Result<(), Over> {
    page.emit(json!({"type": "connected", "name": door.name})).await?;
    let mut ear = tokio::select! {
        joined = until_joined(api, page, door, &mut heard) => joined?,
        () = sleep(JOIN_WITHIN) => return Err(Over::Gone),
        () = api.stop.cancelled() => return Err(Over::Ended(Ended::Restarting)),
    };
    loop {
        tokio::select! {
            event = heard.recv() => {
                let Some(Event { name, body, ack }) = event else { return Err(Over::Gone) };
                let said = serde_json::from_value(events::frame(name, body));
                page.answer(ack, talk::hear(api, &ear.visitor, said).await).await?;
            }
            what = ear.next() => match what {
                Heard::Frame(frame) => page.emit(serde_json::from_slice(&frame).unwrap_or_default()).await?,
                Heard::Tick => {
                    if let Some(news) = ear.look_around().await.map_err(Over::Ended)? {
                        page.emit(news).await?;
                    }
                }
                Heard::Ended(why) => return Err(Over::Ended(why)),
            },
        }
    }
}

async fn until_joined(
    api: &Arc<Api>,
    page: &Page,
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
                page.answer(ack, vec![frame]).await?;
                return Ok(ear);
            }
            Err(error) => page.answer(ack, vec![refusal(&error, None)]).await?,
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
    api.gate.request(door.address).await?;
    // the connection may be older than the secrets
    let chat = Chat::of(api, &door.channel, door.origin.as_ref()).await?;
    let known = session_token.map(|token| chat.visitor(&token, api)).transpose()?;
    let visitor = match known {
        // it holds as it is
        Some(visitor) if asked.is_empty() => visitor,
        known => {
            let asked = serde_json::from_value(Value::Object(asked)).map_err(misfit)?;
            api.gate.session(door.address).await?;
            admit(api, &chat, known.map(|visitor| visitor.session), asked).await?
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

impl From<Gone> for Over {
    fn from(Gone: Gone) -> Self {
        Self::Gone
    }
}

fn farewell(why: Ended) -> Value {
    let (reason, message) = match why {
        Ended::Restarting => ("going_away", "the service is being restarted; connect again"),
        Ended::Expired => ("session_expired", "this session is over; open a new one"),
        Ended::NoChannel => ("not_found", "this chat was switched off"),
    };
    json!({"type": "error", "reason": reason, "message": message})
}
