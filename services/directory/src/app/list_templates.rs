use weft_auth::Principal;
use weft_domain::{Error, Result};
use weft_proto::{
    convert::timestamp,
    directory::v1::{ListTemplatesRequest, ListTemplatesResponse, channel_template::Status},
};
use weft_store::page;

use super::lookup;
use crate::{
    directory::Directory,
    store::{
        channels,
        templates::{self, Model, Which},
    },
};

/// A channel's templates, as its provider last listed them.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &ListTemplatesRequest,
) -> Result<ListTemplatesResponse> {
    let which = &Which {
        channel: lookup::channel(&request.id)?,
        status: status(request.status.as_deref())?,
        language: request.language.as_deref().filter(|language| !language.is_empty()),
    };
    let size = page::size(request.page_size)?;
    let after = page::decode(&request.page_token)?;
    let list = |tx| async move {
        channels::get(&tx, which.channel).await?;
        let sync = templates::sync(&tx, which.channel).await?;
        Ok((templates::page(&tx, which, after, size + 1).await?, sync))
    };
    let (rows, sync) = directory.scope(caller.tenant).read(list).await?;
    let (rows, next_page_token) = page::cut(rows, size, |row| row.id)?;
    Ok(ListTemplatesResponse {
        items: rows.iter().map(Model::shown).collect::<Result<_>>()?,
        next_page_token,
        synced_at: sync.as_ref().and_then(|sync| sync.synced_at).map(timestamp),
        fault: sync.map(|sync| sync.fault).unwrap_or_default(),
    })
}

fn status(given: Option<&str>) -> Result<Option<Status>> {
    let Some(word) = given.filter(|word| !word.is_empty()) else { return Ok(None) };
    match Status::from_str_name(word) {
        None | Some(Status::Unspecified) => Err(Error::invalid_field(
            "status",
            "`status` must be `approved`, `pending`, `rejected`, `paused` or `disabled`",
        )),
        known => Ok(known),
    }
}
