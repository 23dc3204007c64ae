use std::{collections::BTreeMap, pin::pin};

use futures::{StreamExt as _, stream::SelectAll};
use serde_json::Value;
use tokio::sync::mpsc::{Sender, channel};
use tokio_util::sync::CancellationToken;
use weft_channel::{SimulationOptions, Turn};
use weft_domain::{Error, Result};

use super::{
    Place,
    visitor::{Heard, Visitor},
};
use crate::adapter::KIND;

/// What visitors still have to say.
const WAITING: usize = 1000;

/// Lets visitors write and shows what they are answered, until stopped.
pub(super) async fn play(
    place: Place,
    http: weft_http::Client,
    options: SimulationOptions,
    tell: Sender<String>,
    stop: CancellationToken,
) -> Result<()> {
    let (say, mut said) = channel(WAITING);
    let take_turn = |turn: Turn<'_>| {
        let name = turn.character.name.clone();
        let line = (turn.customer, name, turn.line.clone());
        say.try_send(line).map_err(|_| Error::internal("the visitors do not keep up with this rate"))
    };
    let mut turns = pin!(options.play(KIND, stop.clone(), take_turn));
    let mut goes_on = true;
    let (mut visitors, mut heard) = (BTreeMap::<u64, Visitor>::new(), SelectAll::<Heard>::new());
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            played = &mut turns, if goes_on => {
                played?;
                goes_on = false;
            }
            Some((number, name, line)) = said.recv() => {
                let visitor = visitors.entry(number).or_insert_with(|| Visitor::new(number, name));
                heard.extend(visitor.does(&line, &place, &http).await?);
            }
            Some((number, frame)) = heard.next(), if !heard.is_empty() => {
                let Some(visitor) = visitors.get_mut(&number) else { continue };
                match frame {
                    None => visitor.hang_up(),
                    Some(frame) => {
                        if let Some(line) = line(visitor.name(), &frame)
                            // who listens to the transcript may have gone
                            && tell.send(line).await.is_err()
                        {
                            return Ok(());
                        }
                        visitor.answer(&frame).await;
                    }
                }
            }
        }
    }
}

fn line(name: &str, frame: &Value) -> Option<String> {
    let text = |pointer: &str| frame.pointer(pointer).and_then(Value::as_str);
    match text("/type")? {
        "message" if text("/message/direction") == Some("outbound") => {
            let words = text("/message/text").filter(|words| !words.is_empty());
            Some(format!("agent to {name}: {}", words.or_else(|| text("/message/kind")).unwrap_or_default()))
        }
        "error" => Some(format!("{name} is refused: {}", text("/message")?)),
        _ => None,
    }
}
