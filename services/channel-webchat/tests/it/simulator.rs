use futures::StreamExt as _;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weft_channel::{Event, SimulationOptions};
use weft_channel_webchat::simulator::simulation;
use weft_http::{Client, Request, Settings};

use crate::rig::{Rig, SOON, Session};

#[tokio::test(flavor = "multi_thread")]
async fn simulated_visitors_write_and_read_their_answers() {
    let mut rig = Rig::new().await;
    let options = SimulationOptions {
        customers: 1,
        per_second: 100.0,
        messages: Some(3),
        ..SimulationOptions::default()
    };
    let mut played = simulation(options).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    rig.lifecycle.work().spawn("simulator", (played.serve)(listener, stop.clone()));
    rig.lifecycle.work().spawn("visitors", (played.play)(stop.clone()));
    let http = Client::new(Settings { allow_private: true, ..Settings::default() }).unwrap();
    let enter = async |url: String| {
        let entry = Request::post(&format!("{base}/simulator/webhook")).json(&json!({"url": url}));
        http.send(entry).await.unwrap().status.as_u16()
    };
    assert_eq!(enter("http://nowhere.example".to_owned()).await, 400);
    assert_eq!(enter(format!("http://{}/hooks/webchat/{}", rig.address, rig.channel)).await, 204);

    let (mut messages, mut thread) = (Vec::new(), None);
    while messages.len() < 3 {
        let event = rig.next_inbound().await;
        if let Some(Event::Message(message)) = event.event {
            thread = event.thread;
            messages.push(message);
        }
    }
    let visitor = thread.unwrap().contact.unwrap().id;
    let session = Session { token: String::new(), visitor, opened: json!({}) };
    rig.answer(&session, 4, "Yes, there are").await;
    let line = tokio::time::timeout(SOON, played.transcript.next()).await.unwrap().unwrap();
    assert!(line.ends_with(": Yes, there are"), "{line}");
    stop.cancel();
}
