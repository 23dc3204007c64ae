use serde::Deserialize;
use serde_json::Value;
use weft_domain::Result;
use weft_http::Response;

use crate::engine::{Heard, Segment};

/// The document of a finished job; only what we use.
#[derive(Deserialize)]
pub(super) struct Document {
    results: Results,
}

#[derive(Deserialize)]
struct Results {
    #[serde(default)]
    transcripts: Vec<Transcript>,
    #[serde(default)]
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Transcript {
    transcript: String,
}

#[derive(Deserialize)]
struct Item {
    start_time: Option<String>,
    end_time: Option<String>,
    #[serde(default)]
    alternatives: Vec<Alternative>,
}

#[derive(Deserialize)]
struct Alternative {
    confidence: Option<String>,
}

/// What was heard. Numbers are texts there; punctuation has no time.
pub(super) fn heard(document: Document, spoken: &str) -> Result<Heard> {
    let Results { transcripts, items } = document.results;
    let text = transcripts.iter().map(|one| one.transcript.trim()).collect::<Vec<_>>().join(" ");
    let number = |text: &Option<String>| text.as_deref()?.parse::<f64>().ok();
    let start = items.iter().find_map(|item| number(&item.start_time));
    let end = items.iter().rev().find_map(|item| number(&item.end_time));
    let said = items.iter().filter(|item| item.start_time.is_some());
    let sure: Vec<f64> = said.filter_map(|item| number(&item.alternatives.first()?.confidence)).collect();
    let count = u32::try_from(sure.len()).unwrap_or(u32::MAX);
    let segment = start.zip(end).map(|(start, end)| Segment { start, end, text: text.clone() });
    Ok(Heard {
        text,
        language: spoken.to_owned(),
        confidence: (count > 0).then(|| sure.iter().sum::<f64>() / f64::from(count)),
        segments: segment.into_iter().collect(),
        seconds: 0.0,
    })
}

/// What a refused call calls its fault: in a header, or in the body, with what stands before a `#`.
pub(super) fn fault(answer: &Response) -> String {
    let header = answer.headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
    let body = || answer.json::<Value>().ok()?.get("__type")?.as_str().map(str::to_owned);
    let named = header.map(str::to_owned).or_else(body).unwrap_or_default();
    let bare = named.split(':').next().unwrap_or_default();
    bare.rsplit('#').next().unwrap_or_default().to_owned()
}
