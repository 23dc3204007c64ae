use std::io;

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use futures::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::Map;
use tokio::{net::TcpListener, sync::mpsc};
use tokio_util::sync::CancellationToken;
use weft_channel::{
    Simulation, SimulationOptions,
    simulation::{World, loopback_client},
};
use weft_domain::Result;

use super::{Place, play::play};
use crate::adapter::KIND;

/// What nobody has read yet of what was said.
const LINES: usize = 100;

type Found = World<Option<Place>>;

#[derive(Deserialize)]
struct Entered {
    url: String,
}

/// Visitors as `weft simulate` runs them. It listens only to be told where the chat is.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let http = loopback_client()?;
    let found = Found::default();
    let place = found.clone();
    let (tell, lines) = mpsc::channel(LINES);
    Ok(Simulation {
        kind: KIND,
        listen: "127.0.0.1:8101",
        webhook_by_hand: true,
        settings: |_| Map::new(),
        secrets: Map::new(),
        serve: Box::new(|listener, stop| Box::pin(serve(listener, found, stop))),
        play: Box::new(move |stop| {
            Box::pin(async move {
                let found = stop.run_until_cancelled(place.wait(|place| place.clone())).await;
                let Some(place) = found else { return Ok(()) };
                play(place, http, options, tell, stop).await
            })
        }),
        transcript: stream::unfold(lines, |mut lines| async move { Some((lines.recv().await?, lines)) })
            .boxed(),
    })
}

async fn serve(listener: TcpListener, found: Found, stop: CancellationToken) -> io::Result<()> {
    let router = Router::new().route("/simulator/webhook", post(enter)).with_state(found);
    axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
}

async fn enter(State(found): State<Found>, Json(entered): Json<Entered>) -> (StatusCode, String) {
    match Place::of(&entered.url) {
        Ok(place) => {
            found.change(|found| *found = Some(place));
            (StatusCode::NO_CONTENT, String::new())
        }
        Err(error) => (StatusCode::BAD_REQUEST, error.message().to_owned()),
    }
}
