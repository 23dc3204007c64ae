use weft_domain::Result;
use weft_proto::directory::v1::{FindTemplateRequest, FindTemplateResponse};

use super::lookup;
use crate::{
    directory::Directory,
    store::templates::{self, Model},
};

/// The template of a name in a language, and which other languages there are.
pub(crate) async fn run(
    directory: &Directory,
    request: &FindTemplateRequest,
) -> Result<FindTemplateResponse> {
    let channel = lookup::channel(&request.channel_id)?;
    let scope = directory.scope(lookup::tenant(&request.tenant_id)?);
    let find = |tx| async move {
        let sync = templates::sync(&tx, channel).await?;
        Ok((templates::named(&tx, channel, &request.name).await?, sync))
    };
    let (named, sync) = scope.read(find).await?;
    let found = named.iter().find(|row| row.language == request.language);
    Ok(FindTemplateResponse {
        template: found.map(Model::shown).transpose()?,
        languages: named.iter().map(|row| row.language.clone()).collect(),
        synced: sync.is_some_and(|sync| sync.synced_at.is_some()),
    })
}
