use weft_domain::Result;
use weft_proto::voice::v1::{Speech, SynthesizeRequest};
use weft_rpc::Accepted;
use weft_store::Once;

use super::{
    earlier,
    speech::{self, Manner},
};
use crate::{Context, audio::Format, language, store::settings};

/// Speaks a text into a file.
pub(crate) async fn run(context: &Context, call: Accepted<SynthesizeRequest>) -> Result<Once<Speech>> {
    let SynthesizeRequest { text, voice, language, format } = &call.message;
    if let Some(done) = earlier::find(context, call.principal.tenant, &call.intent).await? {
        return Ok(done);
    }
    let scope = context.store.tenant(call.principal.tenant);
    let usual = &context.language;
    let usual = scope.read(|tx| async move { settings::find(&tx, usual).await }).await?.language;
    let manner = Manner {
        voice: voice.clone(),
        language: language::or_usual("language", language, &usual)?,
        format: Format::read("format", format)?,
    };
    let file = speech::make(context, call.principal.tenant, text, &manner).await?;
    let spoken = &Speech { file: Some(file), language: manner.language };
    scope.write_once(&call.intent, |_tx| async move { Ok(spoken.clone()) }).await
}
