//! What other systems can follow, as documents from `proto/`: `events.md` for people, AsyncAPI for programs.

mod asyncapi;
mod catalogue;
mod headers;
mod markdown;
mod schemas;

use weft_domain::{Error, Result};
use weft_proto::Comments;

/// The documents, by the names of their files.
pub fn files() -> Result<[(&'static str, String); 2]> {
    let comments = Comments::read();
    let events = catalogue::read(&comments)?;
    let document = asyncapi::document(&events, &comments);
    let mut asyncapi = serde_json::to_string_pretty(&document).map_err(Error::internal)?;
    asyncapi.push('\n');
    Ok([("events.md", markdown::document(&events, &comments)), ("asyncapi.json", asyncapi)])
}
