use weft_auth::Principal;
use weft_domain::{Error, Result};
use weft_proto::directory::v1::{
    ListChannelLogRequest, ListChannelLogResponse,
    channel_log_entry::{Direction, Outcome},
};
use weft_store::page;

use super::lookup;
use crate::{
    directory::Directory,
    store::{
        channel_log::{self, Which},
        channels,
    },
};

/// What a channel and its provider said to each other, the newest first.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &ListChannelLogRequest,
) -> Result<ListChannelLogResponse> {
    let which = &Which {
        channel: lookup::channel(&request.id)?,
        direction: chosen(
            "direction",
            request.direction.as_deref(),
            Direction::from_str_name,
            "`inbound` or `outbound`",
        )?,
        outcome: chosen(
            "outcome",
            request.outcome.as_deref(),
            Outcome::from_str_name,
            "`ok`, `refused` or `failed`",
        )?,
    };
    let size = page::size(request.page_size)?;
    let before = page::decode(&request.page_token)?;
    let scope = directory.scope(caller.tenant);
    let lines = scope
        .read(|tx| async move {
            channels::get(&tx, which.channel).await?;
            channel_log::page(&tx, which, before, size + 1).await
        })
        .await?;
    let (lines, next_page_token) = page::cut(lines, size, |line| line.id)?;
    Ok(ListChannelLogResponse {
        items: lines.iter().map(channel_log::Model::shown).collect(),
        next_page_token,
    })
}

/// The word that was given, if one was.
fn chosen<W: Default + PartialEq>(
    field: &str,
    given: Option<&str>,
    read: fn(&str) -> Option<W>,
    words: &str,
) -> Result<Option<W>> {
    let Some(text) = given.filter(|text| !text.is_empty()) else { return Ok(None) };
    match read(text).filter(|word| *word != W::default()) {
        Some(word) => Ok(Some(word)),
        None => Err(Error::invalid_field(field, format!("`{field}` must be {words}"))),
    }
}
